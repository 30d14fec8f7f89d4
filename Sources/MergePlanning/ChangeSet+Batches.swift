public import ColumnBatches

extension ChangeSet {
    /// Hands out the rows that the changes bring, one for each key, in key order where that has one.
    ///
    /// - Parameters:
    ///   - batchRows: The most rows of a batch.
    ///   - body: Takes the batches.
    /// - Throws: What the body throws.
    public func forEachBatch(
        of batchRows: Int = 16_384,
        _ body: (ColumnBatch) async throws -> Void
    ) async throws {
        let locations = inKeyOrder(self.locations.filter { !$0.isDeletion })
        for first in stride(from: 0, to: locations.count, by: batchRows) {
            try Task.checkCancellation()
            try await body(rows(locations[first..<min(first + batchRows, locations.count)]))
        }
    }

    /// The keys of the rows that go.
    ///
    /// - Parameter fields: Columns among which are the key columns, with their types.
    /// - Returns: The key columns in key order; nil when no row goes.
    public func deletedKeys(among fields: [Field]) -> ColumnBatch? {
        let numbers = locations.indices.filter { locations[$0].isDeletion }
        let keyFields = keyColumns.compactMap { name in fields.first { $0.name == name } }
        guard !numbers.isEmpty, keyFields.count == keyColumns.count else { return nil }
        var builders = keyFields.map { ColumnBuilder($0.type) }
        for number in numbers {
            for (position, value) in keys.values(of: number, keyFields).enumerated() {
                builders[position].append(value)
            }
        }
        return ColumnBatch(
            schema: BatchSchema(keyFields),
            columns: builders.indices.map { builders[$0].finish() },
            rowCount: numbers.count
        )
    }
}

extension RowKeyTable {
    /// The values that a key was made of.
    func values(of number: Int, _ fields: [Field]) -> [ColumnValue] {
        let key = key(number)
        var start = 0
        return fields.map { field in
            defer { start = Self.end(of: field, in: key, from: start) }
            return Self.value(of: field.type, in: key, at: start)
        }
    }

    private static func end(of field: Field, in key: [UInt64], from start: Int) -> Int {
        switch field.type.storage {
        case .bytes: start + 1 + (Int(key[start]) + 7) / 8
        case .int128: start + 2
        default: start + 1
        }
    }

    private static func value(of type: ColumnType, in key: [UInt64], at start: Int) -> ColumnValue {
        let word = Int64(bitPattern: key[start])
        switch (type.storage, type) {
        case (.boolean, _): return .boolean(word != 0)
        case (.int32, .date): return .date(Int32(truncatingIfNeeded: word))
        case (.int64, .timestamp): return .timestamp(word)
        case (.int64, .timestampNTZ): return .timestampNTZ(word)
        case (.int64, .decimal(_, let scale)): return .decimal(Int128(word), scale: scale)
        case (.int64, .uint64): return .unsigned(key[start])
        case (.int64, .time(let unit)): return .time(word, unit)
        case (.int32, _), (.int64, _): return .integer(word)
        case (.int128, _):
            let high = Int128(Int64(bitPattern: key[start + 1])) << 64
            let value = high | Int128(key[start])
            if case .decimal(_, let scale) = type { return .decimal(value, scale: scale) }
            return .decimal(value, scale: 0)
        case (.float, _): return .float(Float(bitPattern: UInt32(truncatingIfNeeded: key[start])))
        case (.double, _): return .double(Double(bitPattern: key[start]))
        case (.bytes, .string): return .string(String(decoding: text(in: key, at: start), as: UTF8.self))
        case (.bytes, _): return .binary(text(in: key, at: start))
        default: return .null
        }
    }

    private static func text(in key: [UInt64], at start: Int) -> [UInt8] {
        (0..<Int(key[start])).map { index in
            UInt8(truncatingIfNeeded: key[start + 1 + index / 8] >> UInt64(index % 8 * 8))
        }
    }
}
