public import ColumnBatches

/// Finds the rows that were written but are not part of the snapshot: the rows in flight.
///
/// Feed it first what an uncommitted read of the window shows, then every row of the snapshot; what the snapshot
/// did not show at that cursor, or at a later one, is in flight. It keeps one key and one number a row of the
/// uncommitted read, and a digest where rows are compared.
///
/// Two versions of a row may carry one cursor: written within one second where the cursor keeps whole seconds, or at
/// the same instant. Where a transaction that has written is open, the probe must therefore compare rows, not
/// cursors alone: a statement that waited for a lock on the table is older than anything the signals tell.
public struct InFlightProbe: Sendable {
    private var keys = RowKeyTable()
    /// The cursor seen uncommitted, by key number; `Int64.min` once the snapshot has shown the row.
    private var cursors: [Int64] = []
    /// Rows of which the snapshot shows a version that is later by its cursor, with that cursor.
    private var later: [Int: Int64] = [:]
    /// The greatest cursor that the snapshot showed.
    private var greatest = Int64.min
    /// What the source told before the uncommitted read; nil for cursors that are not of its clock.
    private let reading: SourceReading?
    private let keyColumns: [String]
    /// The cursor's columns: the value of a row is that of the first one which is not null.
    private let cursorColumns: [String]
    /// The columns that tell versions of one cursor apart; empty when cursors alone count.
    private let comparedColumns: [String]
    private let digester = RowDigester()
    /// What the uncommitted read showed, by key number.
    private var digests: [RowDigest] = []
    /// The rows, by key number, of which the uncommitted read showed a version that cannot be represented.
    ///
    /// Its missing value is another than one that is missing in the source.
    private var defective: Set<Int> = []
    private var words: [UInt64] = []

    /// Makes a probe.
    ///
    /// - Parameters:
    ///   - keyColumns: The columns that identify a row.
    ///   - cursorColumns: The columns of the cursor, of which the first one that is not null counts.
    ///   - comparedColumns: Columns that both reads bring, by which versions of one cursor are told apart; none when
    ///     no transaction is open that has written.
    ///   - reading: What the source told before the uncommitted read; nil for cursors that are not of its clock, or
    ///     where it does not tell.
    public init(
        keys keyColumns: [String],
        cursor cursorColumns: [String],
        comparing comparedColumns: [String] = [],
        reading: SourceReading? = nil
    ) {
        self.reading = reading
        self.keyColumns = keyColumns
        self.cursorColumns = cursorColumns
        self.comparedColumns = comparedColumns
    }

    /// Makes a probe of a cursor of one column.
    public init(
        keys keyColumns: [String],
        cursor cursorColumn: String,
        comparing comparedColumns: [String] = [],
        reading: SourceReading? = nil
    ) {
        self.init(keys: keyColumns, cursor: [cursorColumn], comparing: comparedColumns, reading: reading)
    }

    /// The number of rows of the uncommitted read.
    public var count: Int { cursors.count }

    /// Takes rows that the uncommitted read shows.
    public mutating func expect(_ batch: ColumnBatch) {
        let compared = comparedColumns.compactMap { batch.column($0) }
        let defects = Set(batch.defects.map(\.row))
        visit(batch) { probe, cursor, row in
            let (number, isNew) = probe.keys.insert(probe.words)
            if isNew {
                probe.cursors.append(cursor)
                if !compared.isEmpty { probe.digests.append(probe.digester.digest(compared, row: row)) }
                if defects.contains(row) { probe.defective.insert(number) }
            } else if cursor >= probe.cursors[number] {
                probe.cursors[number] = cursor
                if !compared.isEmpty { probe.digests[number] = probe.digester.digest(compared, row: row) }
                if defects.contains(row) {
                    probe.defective.insert(number)
                } else {
                    probe.defective.remove(number)
                }
            }
        }
    }

    /// Takes rows that the snapshot shows.
    public mutating func observe(_ batch: ColumnBatch) {
        guard !cursors.isEmpty else { return }
        let compared = comparedColumns.compactMap { batch.column($0) }
        let defects = Set(batch.defects.map(\.row))
        visit(batch) { probe, cursor, row in
            probe.greatest = max(probe.greatest, cursor)
            guard let number = probe.keys.find(probe.words), probe.cursors[number] <= cursor else { return }
            if probe.cursors[number] == cursor && !compared.isEmpty
                && (probe.digests[number] != probe.digester.digest(compared, row: row)
                    || probe.defective.contains(number) != defects.contains(row))
            {
                return
            }
            if probe.reading != nil && cursor > probe.cursors[number] {
                probe.later[number] = cursor
            } else {
                probe.cursors[number] = .min
            }
        }
    }

    /// Whether the source's clock must be read once more to tell which rows are in flight.
    public var isInDoubt: Bool { !later.isEmpty }

    /// Decides on rows of which the snapshot shows a version with a later cursor than the uncommitted read.
    ///
    /// That version was committed between the two reads, or it is the older of the two all the same: its cursor is then
    /// from before the clock was set back, or of a statement that began later and wrote earlier. What was written after
    /// the reading has a cursor from `quiet` up to the clock; any other is older, and the row in flight. While there are
    /// rows of a time that is yet to come, the clock repeats a time, and every such row counts as in flight.
    ///
    /// - Parameter clock: The source's clock after the snapshot was read, in the cursor's scale.
    public mutating func settle(clock: Int64) {
        let repeats = greatest > clock
        for (number, cursor) in later
        where !repeats && cursor <= clock && cursor >= reading?.quiet ?? .min {
            cursors[number] = .min
        }
        later = [:]
    }

    /// The oldest cursor of a row in flight, or nil when there is none.
    public var oldest: Int64? {
        var oldest: Int64?
        for cursor in cursors where cursor != .min { oldest = min(oldest ?? cursor, cursor) }
        return oldest
    }

    private mutating func visit(_ batch: ColumnBatch, _ body: (inout InFlightProbe, Int64, Int) -> Void) {
        let cursors = cursorColumns.compactMap { name in
            batch.column(name).flatMap { column in
                Self.numbers(column).map { (validity: column.validity, values: $0) }
            }
        }
        let encoder = RowKeyEncoder(keyColumns.compactMap { batch.column($0) })
        for row in 0..<batch.rowCount {
            guard let first = cursors.indices.first(where: { cursors[$0].validity?[row] ?? true }),
                encoder.encode(row: row, into: &words) == nil
            else { continue }
            body(&self, cursors[first].values[row], row)
        }
    }

    /// The values of a cursor column; nil for a type that no cursor has.
    private static func numbers(_ column: Column) -> [Int64]? {
        switch column.storage {
        case .int64(let values): values
        case .int32(let values): values.map(Int64.init)
        // A counter beyond 63 bits was refused before its rows were read; one of a row that came since is past every mark.
        case .int128(let values): values.map { Int64(clamping: $0) }
        default: nil
        }
    }
}
