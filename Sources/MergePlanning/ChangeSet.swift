public import ColumnBatches

/// The changes of one partition: the latest row for each key, and keys that are to go.
///
///     var changes = ChangeSet(keys: ["id"], version: "update_timestamp")
///     for try await batch in rows { try changes.append(batch) }
public struct ChangeSet: Sendable {
    /// Where a change's row is; a negative batch stands for a deletion.
    struct Location: Sendable {
        var batch: Int32
        var row: Int32

        static let deletion = Location(batch: -1, row: 0)
        var isDeletion: Bool { batch < 0 }
    }

    /// The key columns.
    public let keyColumns: [String]
    let versionColumn: String?
    /// The rows; a plan may add batches of its own.
    var batches: [ColumnBatch] = []
    private(set) var keys = RowKeyTable()
    private(set) var locations: [Location] = []
    private var words: [UInt64] = []
    /// The number of rows that were replaced by later ones of the same key.
    public private(set) var duplicateCount = 0

    /// Makes an empty change set.
    ///
    /// - Parameters:
    ///   - keys: The columns that identify a row.
    ///   - version: The column whose greater value is the later row, where one key comes twice.
    public init(keys: [String], version: String? = nil) {
        keyColumns = keys
        versionColumn = version
    }

    /// The number of changes.
    public var count: Int { locations.count }

    /// Whether there are no changes.
    public var isEmpty: Bool { locations.isEmpty }

    /// The bytes that the changes take in memory, about.
    public var byteCount: Int {
        batches.reduce(0) { $0 + $1.byteCount } + keys.byteCount + locations.count * 8
    }

    /// Adds rows that are new or changed.
    ///
    /// - Parameters:
    ///   - batch: The rows.
    ///   - isLater: Whether these rows are later than all before them, whatever their versions say.
    /// - Throws: `MergeError` when a row's key is not whole, or a key comes twice and nothing tells which is later.
    public mutating func append(_ batch: ColumnBatch, isLater: Bool = false) throws(MergeError) {
        guard batch.rowCount > 0 else { return }
        var columns: [Column] = []
        for name in keyColumns {
            guard let column = batch.column(name) else {
                throw MergeError(.schemaMismatch, column: name, message: "the batch lacks this key column")
            }
            columns.append(column)
        }
        let encoder = RowKeyEncoder(columns)
        let batchNumber = Int32(batches.count)
        batches.append(batch)
        for row in 0..<batch.rowCount {
            if let missing = encoder.encode(row: row, into: &words) {
                throw MergeError(
                    .incompleteKey,
                    column: keyColumns[missing],
                    message:
                        "a row has no value in this key column, so nothing identifies it; choose other key columns"
                )
            }
            let (number, isNew) = keys.insert(words)
            let location = Location(batch: batchNumber, row: Int32(row))
            guard !isNew else {
                locations.append(location)
                continue
            }
            duplicateCount += 1
            let replaces =
                isLater ? true : try self.isLater(location, than: locations[number], keyNumber: number)
            if replaces { locations[number] = location }
        }
    }

    /// Adds the deletion of a row, by its encoded key.
    public mutating func delete(_ key: [UInt64]) {
        let (number, isNew) = keys.insert(key)
        if isNew { locations.append(.deletion) } else { locations[number] = .deletion }
    }

    /// Rows of equal version: the one that came last; rows without version column: only if they are the same.
    private func isLater(_ new: Location, than old: Location, keyNumber: Int) throws(MergeError) -> Bool {
        guard !old.isDeletion else { return true }
        let mine = batches[Int(new.batch)]
        let theirs = batches[Int(old.batch)]
        if let versionColumn, let version = mine.column(versionColumn),
            let other = theirs.column(versionColumn),
            case .int64(let values) = version.storage, case .int64(let others) = other.storage
        {
            if version.isNull(Int(new.row)) { return other.isNull(Int(old.row)) }
            return other.isNull(Int(old.row)) || values[Int(new.row)] >= others[Int(old.row)]
        }
        for (column, other) in zip(mine.columns, theirs.columns)
        where !column.isSame(Int(new.row), as: other, Int(old.row)) {
            let key = keyColumns.map { "\($0) = \(mine.column($0)?[Int(new.row)] ?? .null)" }.joined(
                separator: ", "
            )
            throw MergeError(
                .duplicateKey,
                message:
                    "two different rows have the key \(key), and no cursor tells which is later; choose other key columns"
            )
        }
        return false
    }
}
