public import ColumnBatches

/// Finds the rows that were written but are not part of the snapshot: the rows in flight.
///
/// Feed it first what an uncommitted read of the window shows, then every row of the snapshot; what the snapshot
/// did not show at that cursor, or at a later one, is in flight. It keeps one key and one number a row of the
/// uncommitted read.
public struct InFlightProbe: Sendable {
    private var keys = RowKeyTable()
    /// The cursor seen uncommitted, by key number; `Int64.min` once the snapshot has shown the row.
    private var cursors: [Int64] = []
    private let keyColumns: [String]
    private let cursorColumn: String
    private var words: [UInt64] = []

    /// Makes a probe for rows identified by some columns.
    public init(keys keyColumns: [String], cursor cursorColumn: String) {
        self.keyColumns = keyColumns
        self.cursorColumn = cursorColumn
    }

    /// The number of rows of the uncommitted read.
    public var count: Int { cursors.count }

    /// Takes rows that the uncommitted read shows.
    public mutating func expect(_ batch: ColumnBatch) {
        visit(batch) { probe, cursor in
            let (number, isNew) = probe.keys.insert(probe.words)
            if isNew {
                probe.cursors.append(cursor)
            } else {
                probe.cursors[number] = max(probe.cursors[number], cursor)
            }
        }
    }

    /// Takes rows that the snapshot shows.
    public mutating func observe(_ batch: ColumnBatch) {
        guard !cursors.isEmpty else { return }
        visit(batch) { probe, cursor in
            guard let number = probe.keys.find(probe.words) else { return }
            if probe.cursors[number] <= cursor { probe.cursors[number] = .min }
        }
    }

    /// The oldest cursor of a row in flight, or nil when there is none.
    public var oldest: Int64? {
        var oldest: Int64?
        for cursor in cursors where cursor != .min { oldest = min(oldest ?? cursor, cursor) }
        return oldest
    }

    private mutating func visit(_ batch: ColumnBatch, _ body: (inout InFlightProbe, Int64) -> Void) {
        guard let cursor = batch.column(cursorColumn), case .int64(let cursors) = cursor.storage else {
            return
        }
        let encoder = RowKeyEncoder(keyColumns.compactMap { batch.column($0) })
        for row in 0..<batch.rowCount where !cursor.isNull(row) {
            guard encoder.encode(row: row, into: &words) == nil else { continue }
            body(&self, cursors[row])
        }
    }
}
