import ColumnBatches

/// Watches whether the rows of a row group are in the order that the caller says they are.
struct SortingCheck {
    private struct Key {
        var column: Int
        var leaf: Int
        var options: ParquetSortOrder
    }

    private let keys: [Key]
    private var holds = true
    private var last: (columns: [Column], row: Int)?

    /// - Throws: `ParquetError` when there is no such column, or it is nested.
    init(_ columns: [ParquetSortOrder], _ schema: BatchSchema, _ leaves: [WriterLeaf]) throws(ParquetError) {
        var keys: [Key] = []
        for options in columns {
            guard let column = schema.index(of: options.name),
                let leaf = leaves.firstIndex(where: { $0.column == column && $0.isFlat })
            else {
                throw ParquetError(
                    .schemaMismatch,
                    column: options.name,
                    message: "rows cannot be sorted by a column that is not there, or is nested"
                )
            }
            keys.append(Key(column: column, leaf: leaf, options: options))
        }
        self.keys = keys
    }

    /// Takes the next rows of the row group.
    mutating func include(_ columns: [Column], _ rows: Range<Int>) {
        guard holds, !keys.isEmpty, !rows.isEmpty else { return }
        if let last { holds = isOrdered(last.columns, last.row, columns, rows.lowerBound) }
        var row = rows.lowerBound + 1
        while holds && row < rows.upperBound {
            holds = isOrdered(columns, row - 1, columns, row)
            row += 1
        }
        last = (columns, rows.upperBound - 1)
    }

    /// The columns by which the row group is sorted; none where it turned out not to be.
    mutating func takeHolding() -> [SortingColumn] {
        defer {
            holds = true
            last = nil
        }
        guard holds else { return [] }
        return keys.map {
            SortingColumn(
                column: $0.leaf,
                isDescending: $0.options.isDescending,
                areNullsFirst: $0.options.areNullsFirst
            )
        }
    }

    private func isOrdered(_ left: [Column], _ leftRow: Int, _ right: [Column], _ rightRow: Int) -> Bool {
        for key in keys {
            let first = left[key.column]
            let second = right[key.column]
            switch (first.isNull(leftRow), second.isNull(rightRow)) {
            case (true, true): continue
            case (true, false): return key.options.areNullsFirst
            case (false, true): return !key.options.areNullsFirst
            case (false, false): break
            }
            let order = ColumnOrdering.compare(first, leftRow, second, rightRow)
            if order == 0 { continue }
            return (order < 0) != key.options.isDescending
        }
        return true
    }
}

/// The order of the values of a column, as Parquet defines it for their type.
enum ColumnOrdering {
    /// Less than, equal to or greater than zero, like the first value is to the second; both are present.
    static func compare(_ left: Column, _ leftRow: Int, _ right: Column, _ rightRow: Int) -> Int {
        func sign<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
            left < right ? -1 : left == right ? 0 : 1
        }
        switch (left.storage, right.storage) {
        case (.boolean(let left), .boolean(let right)):
            return sign(left[leftRow] ? 1 : 0, right[rightRow] ? 1 : 0)
        case (.int32(let left), .int32(let right)): return sign(left[leftRow], right[rightRow])
        case (.int64(let first), .int64(let second)):
            if left.type == .uint64 {
                return sign(UInt64(bitPattern: first[leftRow]), UInt64(bitPattern: second[rightRow]))
            }
            return sign(first[leftRow], second[rightRow])
        case (.int128(let left), .int128(let right)): return sign(left[leftRow], right[rightRow])
        case (.float(let left), .float(let right)): return sign(left[leftRow], right[rightRow])
        case (.double(let left), .double(let right)): return sign(left[leftRow], right[rightRow])
        default:
            let first = bytes(left, leftRow)
            let second = bytes(right, rightRow)
            if first.lexicographicallyPrecedes(second) { return -1 }
            return second.lexicographicallyPrecedes(first) ? 1 : 0
        }
    }

    private static func bytes(_ column: Column, _ row: Int) -> ArraySlice<UInt8> {
        switch column.storage {
        case .bytes(let values): values[row]
        case .dictionary(let values): values[row]
        default: preconditionFailure("columns of two types")
        }
    }
}
