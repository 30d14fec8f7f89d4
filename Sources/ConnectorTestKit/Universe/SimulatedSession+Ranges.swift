import ColumnBatches
public import SourceConnectors
import Synchronization

extension SimulatedSession: RangedSession {
    /// Every so many keys in order, and the last one; rows that are not committed count as well.
    public func bounds(of table: TableName, by key: [String], every rows: Int) async throws -> [KeyBound]? {
        let keys: [[ColumnValue]]? = database.state.withLock { state in
            guard let table = state.tables[table] else { return nil }
            let columns = key.compactMap { table.names.firstIndex(of: $0) }
            // What an open transaction has removed is there when it is rolled back.
            let all =
                table.rows(uncommitted: [], order: key)
                + table.rows(uncommitted: state.uncommitted, order: key)
            let keys = Set(all.map { row in columns.map { row[$0] } })
            return keys.sorted { ValueOrder.precedes($0, $1, by: Array(columns.indices)) }
        }
        guard let keys, keys.allSatisfy({ $0.allSatisfy { $0.place != nil } }) else { return nil }
        return keys.enumerated()
            .filter { ($0.offset + 1).isMultiple(of: max(rows, 1)) || $0.offset == keys.count - 1 }
            .map { KeyBound($0.element.compactMap(\.place)) }
    }

    /// Opens readers that see what is committed now; or, where the database does not agree, each what it finds.
    public func withReaders(
        _ count: Int,
        of table: TableName,
        feel: @escaping @Sendable (SourcePressure) async -> Void,
        _ read: @escaping @Sendable (Int, SimulatedSession, SnapshotAgreement) async throws -> Void
    ) async throws {
        let database = database
        let source = source
        let (tables, agrees) = database.state.withLock { ($0.tables, $0.snapshotsAgree) }
        let agreement: SnapshotAgreement =
            agrees ? .oneInstant("the snapshots are one") : .notOneInstant("the database does not agree")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask {
                    database.state.withLock { $0.openSessions += 1 }
                    defer { database.state.withLock { $0.openSessions -= 1 } }
                    let reader = SimulatedSession(database: database, source: source)
                    if agrees { reader.snapshot = tables }
                    try await read(number, reader, agreement)
                }
            }
            try await group.waitForAll()
        }
    }
}

extension KeyRange {
    /// Whether a row of a table lies in the range.
    func contains(_ row: [ColumnValue], of table: SimulatedTable) -> Bool {
        let values = key.compactMap { name in table.names.firstIndex(of: name).map { row[$0] } }
        let columns = Array(values.indices)
        func place(_ bound: KeyBound) -> [ColumnValue] { bound.values.compactMap(ColumnValue.init(place:)) }
        if let after, !ValueOrder.precedes(place(after), values, by: columns) { return false }
        if let through, ValueOrder.precedes(place(through), values, by: columns) { return false }
        return true
    }
}

extension ColumnValue {
    /// The value as a part of a place; nil for values that no key here has.
    fileprivate var place: String? {
        switch self {
        case .integer(let number): "i\(number)"
        case .string(let text): "s\(text)"
        default: nil
        }
    }

    /// The value of a part of a place.
    fileprivate init?(place: String) {
        switch place.first {
        case "i": self = .integer(Int64(place.dropFirst()) ?? 0)
        case "s": self = .string(String(place.dropFirst()))
        default: return nil
        }
    }
}
