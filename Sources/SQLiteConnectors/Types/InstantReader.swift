#if SQLite
import ColumnBatches
import SourceConnectors

/// Reads the points in time of a column.
struct InstantReader: Sendable, Hashable {
    /// What a value is.
    enum Reading: Sendable, Hashable {
        /// Microseconds since 1970: of UTC, or of the wall clock where the column is one.
        case time(Int64)
        /// Of the right form, but no calendar has it.
        case impossible
        /// No value.
        case missing
        /// Something else.
        case other
    }

    /// How the column holds them.
    let encoding: ValuePolicy.Instants
    /// Whether the column shows wall clocks, whose distance from UTC is unknown.
    let isWallClock: Bool
    /// How far the clock of texts that do not say so is ahead of UTC.
    let offset: Int64

    /// The reader of a column of the type `timestamp` or `timestampNTZ`.
    init(_ declared: DeclaredType, _ type: ColumnType, _ policy: ValuePolicy) {
        encoding = policy.instants ?? .text
        isWallClock = type == .timestampNTZ
        let seconds = declared.kind == .instant ? 0 : policy.wallClockOffset?.components.seconds ?? 0
        offset = seconds * 1_000_000
    }

    /// Reads a value of the current row.
    func read(_ statement: Statement, _ column: Int) throws(SourceError) -> Reading {
        switch statement.storage(column) {
        case .null: return .missing
        case .blob: return .other
        case .integer: return unit.map { scaled(statement.integer(column), by: $0) } ?? .other
        case .real:
            guard let unit else { return .other }
            let micros = statement.real(column) * Double(unit)
            guard micros.magnitude < 9e15, micros.rounded() == micros else { return .other }
            return .time(Int64(micros))
        case .text:
            guard encoding == .text else { return .other }
            switch try statement.withBytes(column, { bytes throws(SourceError) in TimeText.read(bytes) }) {
            case .impossible: return .impossible
            case .other: return .other
            case .time(let time):
                if isWallClock { return time.offset == nil ? .time(time.microseconds) : .other }
                return .time(time.microseconds - (time.offset ?? offset))
            }
        }
    }

    /// The condition for rows at or past a bound, and for those whose cursor is no time; the reader looks closer.
    ///
    /// Texts are compared by their day, one day early, which holds for every distance from UTC and is left to an
    /// index. Numbers come before texts, and texts before blobs, in SQLite's order of values.
    func condition(_ name: String, from bound: Int64, _ parameters: inout [Parameter]) -> String {
        guard let unit else {
            parameters.append(.text(TimeText.day(of: bound - 86_400_000_000)))
            return "\(name) >= ? OR \(name) < ''"
        }
        parameters.append(.integer(bound / unit - 1))
        return "\(name) >= ?"
    }

    /// How many microseconds a number counts; nil for text.
    private var unit: Int64? {
        switch encoding {
        case .text: nil
        case .seconds: 1_000_000
        case .milliseconds: 1_000
        case .microseconds: 1
        }
    }

    /// What lies within the years 1 to 9999 is a time.
    private func scaled(_ number: Int64, by unit: Int64) -> Reading {
        let (micros, overflow) = number.multipliedReportingOverflow(by: unit)
        guard !overflow, (-62_135_596_800_000_000..<253_402_300_800_000_000).contains(micros) else {
            return .impossible
        }
        return .time(micros)
    }
}
#endif
