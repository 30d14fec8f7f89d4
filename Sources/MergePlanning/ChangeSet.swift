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
    private let versionColumn: String?
    private(set) var batches: [ColumnBatch] = []
    private(set) var keys = RowKeyTable()
    private(set) var locations: [Location] = []
    /// The least and greatest key values of all rows, by key column; nil once a deletion came in.
    private(set) var keyBounds: KeyBounds?
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
        keyBounds = KeyBounds(columns: keys)
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
    /// - Throws: `MergeError` when a row's key is not whole, or a key comes twice and nothing tells which is later.
    public mutating func append(_ batch: ColumnBatch) throws(MergeError) {
        guard batch.rowCount > 0 else { return }
        var columns: [Column] = []
        for name in keyColumns {
            guard let column = batch.column(name) else {
                throw MergeError(.schemaMismatch, column: name, message: "the batch lacks this key column")
            }
            columns.append(column)
        }
        keyBounds?.include(columns)
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
            if isNew {
                locations.append(location)
            } else if try isLater(location, than: locations[number], keyNumber: number) {
                duplicateCount += 1
                locations[number] = location
            } else {
                duplicateCount += 1
            }
        }
    }

    /// Adds the deletion of a row, by its encoded key.
    public mutating func delete(_ key: [UInt64]) {
        keyBounds = nil
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

/// The range that key values span, for the columns whose statistics can be compared.
struct KeyBounds: Sendable {
    enum Range: Sendable {
        case numbers(ClosedRange<Int64>)
        case texts(min: [UInt8], max: [UInt8])
    }

    let columns: [String]
    private(set) var ranges: [String: Range] = [:]

    init(columns: [String]) {
        self.columns = columns
    }

    mutating func include(_ keys: [Column]) {
        for (name, column) in zip(columns, keys) {
            switch (column.storage, column.type) {
            case (.int32(let values), let type) where type != .date:
                if let range = Self.span(values.lazy.map(Int64.init)) { include(range, name) }
            case (.int64(let values), .int64):
                if let range = Self.span(values) { include(range, name) }
            case (.bytes(let values), .string): include(values, name)
            default: break
            }
        }
    }

    private static func span(_ values: some Sequence<Int64>) -> ClosedRange<Int64>? {
        var least = Int64.max
        var greatest = Int64.min
        for value in values {
            least = min(least, value)
            greatest = max(greatest, value)
        }
        return least <= greatest ? least...greatest : nil
    }

    private mutating func include(_ range: ClosedRange<Int64>, _ name: String) {
        if case .numbers(let before)? = ranges[name] {
            let lower = min(before.lowerBound, range.lowerBound)
            ranges[name] = .numbers(lower...max(before.upperBound, range.upperBound))
        } else {
            ranges[name] = .numbers(range)
        }
    }

    private mutating func include(_ values: ByteValues, _ name: String) {
        guard values.count > 0 else { return }
        var least = values[0]
        var greatest = values[0]
        for index in 1..<max(values.count, 1) {
            if values[index].lexicographicallyPrecedes(least) { least = values[index] }
            if greatest.lexicographicallyPrecedes(values[index]) { greatest = values[index] }
        }
        if case .texts(let min, let max)? = ranges[name] {
            if min.lexicographicallyPrecedes(least) { least = min[...] }
            if greatest.lexicographicallyPrecedes(max) { greatest = max[...] }
        }
        ranges[name] = .texts(min: Array(least), max: Array(greatest))
    }
}
