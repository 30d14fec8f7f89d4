/// One thing that happens in a source, as a history tells it and a test bed carries it out.
///
/// Transactions are named by numbers. A statement takes its time, and with it the cursor of its rows, when it
/// begins.
public enum SourceStep: Sendable, Hashable, CustomStringConvertible {
    /// A transaction begins.
    case begin(Int)
    /// Rows are inserted, or changed where their key is there; in a transaction, or committed at once.
    case put(Int?, [TestRow])
    /// Rows go.
    case remove(Int?, [RowKey])
    /// A row gets another key.
    case rename(Int?, RowKey, RowKey)
    /// A statement begins that will write rows; nothing is written yet.
    case beginLong(Int, [TestRow])
    /// The statement writes its rows and ends.
    case endLong(Int)
    /// A transaction sets its savepoint.
    case savepoint(Int)
    /// A transaction takes back what it did since its savepoint.
    case rollbackToSavepoint(Int)
    /// A transaction is committed.
    case commit(Int)
    /// A transaction is rolled back.
    case rollback(Int)
    /// Time passes, in microseconds; sources with a clock of their own may let it pass by themselves.
    case pass(Int64)
    /// The source's clock is set forward or back, in microseconds.
    case stepClock(Int64)
    /// Wall clocks are set forward or back, in microseconds, as at the beginning and the end of summer time.
    case shiftZone(Int64)

    /// A short text, such as `t1: put a/3=x`.
    public var description: String {
        switch self {
        case .begin(let id): "t\(id): begin"
        case .put(let id, let rows): Self.prefix(id) + "put \(Self.list(rows))"
        case .remove(let id, let keys): Self.prefix(id) + "remove \(Self.list(keys))"
        case .rename(let id, let old, let new): Self.prefix(id) + "rename \(old) to \(new)"
        case .beginLong(let id, let rows): "t\(id): begin a long statement that puts \(Self.list(rows))"
        case .endLong(let id): "t\(id): end the long statement"
        case .savepoint(let id): "t\(id): savepoint"
        case .rollbackToSavepoint(let id): "t\(id): roll back to the savepoint"
        case .commit(let id): "t\(id): commit"
        case .rollback(let id): "t\(id): roll back"
        case .pass(let time): "\(time) µs pass"
        case .stepClock(let time): "the clock is set by \(time) µs"
        case .shiftZone(let time): "wall clocks are set by \(time) µs"
        }
    }

    private static func prefix(_ id: Int?) -> String { id.map { "t\($0): " } ?? "" }

    private static func list(_ items: [some CustomStringConvertible]) -> String {
        let shown = items.prefix(4).map(\.description).joined(separator: ", ")
        return items.count > 4 ? "\(shown) and \(items.count - 4) more" : shown
    }
}

/// A test bed throws it for a step that the source refused, such as one that waited for a lock; the history goes on
/// as if the step were not there.
public struct StepRefused: Error {
    /// Makes the error.
    public init() {}
}

/// What a test bed can make go wrong.
public enum SourceFault: String, Sendable, Hashable, Codable, CaseIterable {
    /// The connection of the next read breaks after some rows have been handed out, before the last.
    case cutRead
    /// The next session cannot be opened.
    case refuseSession
}
