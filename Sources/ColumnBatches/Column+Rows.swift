extension Column {
    /// Whether a row of this column holds the same value as a row of another of the same type.
    ///
    /// Two missing values are the same; floats are the same when their bits are, so that NaN equals itself.
    public func isSame(_ row: Int, as other: Column, _ otherRow: Int) -> Bool {
        let missing = isNull(row)
        guard missing == other.isNull(otherRow) else { return false }
        if missing { return true }
        switch (storage, other.storage) {
        case (.boolean(let mine), .boolean(let theirs)): return mine[row] == theirs[otherRow]
        case (.int32(let mine), .int32(let theirs)): return mine[row] == theirs[otherRow]
        case (.int64(let mine), .int64(let theirs)): return mine[row] == theirs[otherRow]
        case (.int128(let mine), .int128(let theirs)): return mine[row] == theirs[otherRow]
        case (.float(let mine), .float(let theirs)):
            return mine[row].bitPattern == theirs[otherRow].bitPattern
        case (.double(let mine), .double(let theirs)):
            return mine[row].bitPattern == theirs[otherRow].bitPattern
        case (.bytes(let mine), .bytes(let theirs)):
            let length = mine.offsets[row + 1] - mine.offsets[row]
            guard theirs.offsets[otherRow + 1] - theirs.offsets[otherRow] == length else { return false }
            let start = Int(mine.offsets[row])
            let otherStart = Int(theirs.offsets[otherRow])
            for index in 0..<Int(length) where mine.bytes[start + index] != theirs.bytes[otherStart + index] {
                return false
            }
            return true
        case (.list(let mine), .list(let theirs)):
            return mine.elements.isSame(mine[row], as: theirs.elements, theirs[otherRow])
        case (.structure(let mine), .structure(let theirs)):
            return zip(mine.fields, theirs.fields).allSatisfy { $0.isSame(row, as: $1, otherRow) }
        case (.map(let mine), .map(let theirs)):
            return mine.keys.isSame(mine[row], as: theirs.keys, theirs[otherRow])
                && mine.values.isSame(mine[row], as: theirs.values, theirs[otherRow])
        case (.dictionary(let mine), .dictionary(let theirs)): return mine[row] == theirs[otherRow]
        case (.dictionary(let mine), .bytes(let theirs)): return mine[row] == theirs[otherRow]
        case (.bytes(let mine), .dictionary(let theirs)): return mine[row] == theirs[otherRow]
        default: return false
        }
    }

    /// Whether some rows hold the same values, one by one, as rows of another column of the same type.
    private func isSame(_ rows: Range<Int>, as other: Column, _ otherRows: Range<Int>) -> Bool {
        rows.count == otherRows.count && zip(rows, otherRows).allSatisfy { isSame($0, as: other, $1) }
    }

    /// A column that repeats one value; a text is a dictionary of one, whatever the number of rows.
    ///
    /// - Precondition: the value fits the type.
    public static func repeating(_ value: ColumnValue, type: ColumnType, count: Int) -> Column {
        var builder = ColumnBuilder(type)
        guard value != .null else {
            builder.appendNulls(count)
            return builder.finish()
        }
        guard count > 0 else { return builder.finish() }
        builder.append(value)
        let one = builder.finish()
        switch one.storage {
        case .boolean(let values):
            return Column(type: type, storage: .boolean(Bitmap(repeating: values[0], count: count)))
        case .int32(let values):
            return Column(type: type, storage: .int32(Array(repeating: values[0], count: count)))
        case .int64(let values):
            return Column(type: type, storage: .int64(Array(repeating: values[0], count: count)))
        case .int128(let values):
            return Column(type: type, storage: .int128(Array(repeating: values[0], count: count)))
        case .float(let values):
            return Column(type: type, storage: .float(Array(repeating: values[0], count: count)))
        case .double(let values):
            return Column(type: type, storage: .double(Array(repeating: values[0], count: count)))
        case .bytes(let values):
            let repeated = DictionaryValues(indices: Array(repeating: 0, count: count), dictionary: values)
            return Column(type: type, storage: .dictionary(repeated))
        case .dictionary, .list, .structure, .map:
            for _ in 0..<count { builder.append(contentsOf: one, rows: 0..<1) }
            return builder.finish()
        }
    }

    /// The same column with its texts one after the other, where it holds them as a dictionary.
    public var decoded: Column {
        guard case .dictionary(let values) = storage else { return self }
        return Column(type: type, storage: .bytes(values.decoded), validity: validity)
    }

    /// The rows of a range, as a column of their own.
    public func slice(_ rows: Range<Int>) -> Column {
        if rows == 0..<count { return self }
        var builder = ColumnBuilder(type)
        builder.append(contentsOf: self, rows: rows)
        return builder.finish()
    }
}

extension ColumnBatch {
    /// The rows at some positions, in that order.
    public func rows(_ positions: [Int]) -> ColumnBatch {
        if positions.count == rowCount && positions.first == 0 && positions.last == rowCount - 1 {
            return self
        }
        let picked = columns.map { column in
            var builder = ColumnBuilder(column.type)
            var index = 0
            while index < positions.count {
                let start = positions[index]
                var end = start + 1
                index += 1
                while index < positions.count && positions[index] == end {
                    end += 1
                    index += 1
                }
                builder.append(contentsOf: column, rows: start..<end)
            }
            return builder.finish()
        }
        return ColumnBatch(
            schema: schema,
            columns: picked,
            rowCount: positions.count,
            defects: defects(ofRows: positions)
        )
    }

    /// The defects of the rows at some positions, by their places among them.
    private func defects(ofRows positions: [Int]) -> [RowDefect] {
        guard !defects.isEmpty else { return [] }
        let byRow = Dictionary(grouping: defects, by: \.row)
        return positions.enumerated().flatMap { place, position in
            (byRow[position] ?? []).map { defect in
                var defect = defect
                defect.row = place
                return defect
            }
        }
    }

    /// The rows of a range, as a batch of their own.
    public func slice(_ rows: Range<Int>) -> ColumnBatch {
        ColumnBatch(
            schema: schema,
            columns: columns.map { $0.slice(rows) },
            rowCount: rows.count,
            defects: defects.isEmpty ? [] : defects(ofRows: Array(rows))
        )
    }

    /// The columns of some names, in that order.
    ///
    /// - Precondition: the batch has a column of each name.
    public func selecting(_ names: [String]) -> ColumnBatch {
        let positions = names.map { name in
            guard let position = schema.index(of: name) else { preconditionFailure("no column \(name)") }
            return position
        }
        return ColumnBatch(
            schema: BatchSchema(positions.map { schema.fields[$0] }),
            columns: positions.map { columns[$0] },
            rowCount: rowCount,
            defects: defects
        )
    }
}
