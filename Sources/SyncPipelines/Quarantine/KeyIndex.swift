import ColumnBatches

/// Finds which of some keys a row of a batch has.
struct KeyIndex: Sendable {
    private var table = RowKeyTable()
    /// The position of the key among those that were given, by its number in the table.
    private var positions: [Int] = []
    private var words: [UInt64] = []

    /// Takes the keys that are there; each has a value for each of the fields.
    init(_ keys: [[ColumnValue]?], fields: [Field]) {
        for (position, key) in keys.enumerated() {
            guard let key else { continue }
            let columns = zip(fields, key).map { field, value in
                Column.repeating(value, type: field.type, count: 1)
            }
            guard RowKeyEncoder(columns).encode(row: 0, into: &words) == nil,
                table.insert(words).isNew
            else { continue }
            positions.append(position)
        }
    }

    /// Whether there are no keys.
    var isEmpty: Bool { positions.isEmpty }

    /// Calls a closure with each row whose key is among them, and the key's position.
    mutating func visit(_ columns: [Column], count: Int, _ body: (_ row: Int, _ position: Int) -> Void) {
        guard !isEmpty else { return }
        let encoder = RowKeyEncoder(columns)
        for row in 0..<count where encoder.encode(row: row, into: &words) == nil {
            if let number = table.find(words) { body(row, positions[number]) }
        }
    }
}
