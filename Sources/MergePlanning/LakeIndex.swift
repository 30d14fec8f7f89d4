public import ColumnBatches

/// What the lake holds of one partition, as keys and digests, to find the differences of a source read as a whole.
///
/// Takes about 40 bytes and the key for each row of the partition.
public struct LakeIndex: Sendable {
    private var keys = RowKeyTable()
    private var digests: [RowDigest] = []
    private var seen = Bitmap()
    private let keyColumns: [String]
    private let comparedColumns: [String]
    private let digester = RowDigester()
    private var words: [UInt64] = []
    /// The number of source rows that equal their row in the lake.
    public private(set) var unchangedCount = 0

    /// Makes an empty index.
    ///
    /// - Parameters:
    ///   - keys: The columns that identify a row.
    ///   - compared: The columns whose difference makes a change.
    public init(keys: [String], compared: [String]) {
        keyColumns = keys
        comparedColumns = compared
    }

    /// The number of rows of the lake.
    public var count: Int { keys.count }

    /// Takes rows of the lake.
    public mutating func insert(_ batch: ColumnBatch) throws(MergeError) {
        let encoder = RowKeyEncoder(try columns(keyColumns, of: batch))
        let compared = try columns(comparedColumns, of: batch)
        for row in 0..<batch.rowCount {
            if encoder.encode(row: row, into: &words) != nil { continue }
            let digest = digester.digest(compared, row: row)
            if keys.insert(words).isNew {
                digests.append(digest)
                seen.append(false)
            }
        }
    }

    /// The rows of a source batch that are new or differ from the lake; all its rows count as seen.
    public mutating func differences(_ batch: ColumnBatch) throws(MergeError) -> ColumnBatch {
        let encoder = RowKeyEncoder(try columns(keyColumns, of: batch))
        let compared = try columns(comparedColumns, of: batch)
        var positions: [Int] = []
        for row in 0..<batch.rowCount {
            guard encoder.encode(row: row, into: &words) == nil, let number = keys.find(words) else {
                positions.append(row)
                continue
            }
            seen.set(number, to: true)
            if digests[number] == digester.digest(compared, row: row) {
                unchangedCount += 1
            } else {
                positions.append(row)
            }
        }
        return batch.rows(positions)
    }

    /// Counts rows of the source as seen, whatever they hold: those of the lake stay as they are.
    public mutating func see(_ batch: ColumnBatch) throws(MergeError) {
        let encoder = RowKeyEncoder(try columns(keyColumns, of: batch))
        for row in 0..<batch.rowCount where encoder.encode(row: row, into: &words) == nil {
            if let number = keys.find(words) { seen.set(number, to: true) }
        }
    }

    /// Adds a deletion for each row of the lake that the source did not show.
    public func deleteUnseen(into changes: inout ChangeSet) {
        for number in 0..<keys.count where !seen[number] { changes.delete(keys.key(number)) }
    }

    private func columns(_ names: [String], of batch: ColumnBatch) throws(MergeError) -> [Column] {
        var columns: [Column] = []
        for name in names {
            guard let column = batch.column(name) else {
                throw MergeError(.schemaMismatch, column: name, message: "the batch lacks this column")
            }
            columns.append(column)
        }
        return columns
    }
}
