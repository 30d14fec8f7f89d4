import ColumnBatches

/// How rows are arranged in the files of a partition.
public enum RowOrder: Sendable, Hashable {
    /// As they are.
    case kept
    /// By some columns, the first one first; missing values come first.
    case sorted([String])
    /// Along a Z-order curve through some columns, so that files and pages are narrow in each of them.
    case zOrder([String])

    /// The columns that matter.
    var columns: [String] {
        switch self {
        case .kept: []
        case .sorted(let names), .zOrder(let names): names
        }
    }

    /// A mark on files that are arranged so; a table that is arranged again passes over them.
    var mark: String? {
        switch self {
        case .kept: nil
        case .sorted(let names): "sorted " + names.joined(separator: ",")
        case .zOrder(let names): "z-order " + names.joined(separator: ",")
        }
    }

    /// The name of the tag that holds the mark.
    static let tag = "tributary.rowOrder"

    /// The positions of rows in this order.
    func positions(of batch: ColumnBatch) -> [Int] {
        let keys = columns.compactMap { batch.column($0) }
        switch self {
        case .kept: return Array(0..<batch.rowCount)
        case .sorted:
            let values = keys.map(\.values)
            return (0..<batch.rowCount).sorted { Self.precedes($0, $1, values) ?? ($0 < $1) }
        case .zOrder:
            let codes = Self.codes(keys.map { Self.ranks($0) }, count: batch.rowCount)
            return (0..<batch.rowCount).sorted { (codes[$0], $0) < (codes[$1], $1) }
        }
    }

    private static func precedes(_ left: Int, _ right: Int, _ keys: [[ColumnValue]]) -> Bool? {
        for key in keys {
            switch (key[left], key[right]) {
            case (.null, .null): continue
            case (.null, _): return true
            case (_, .null): return false
            default: break
            }
            let order = ValueOrder.compare(key[left], key[right]) ?? 0
            if order != 0 { return order < 0 }
        }
        return nil
    }

    /// For each row how many distinct smaller values there are, spread over all of 32 bits.
    private static func ranks(_ column: Column) -> [UInt32] {
        let values = column.values
        let order = (0..<values.count).sorted { precedes($0, $1, [values]) ?? ($0 < $1) }
        var ranks = [UInt32](repeating: 0, count: values.count)
        var rank = 0
        for (place, row) in order.enumerated() where place > 0 {
            if precedes(order[place - 1], row, [values]) == true { rank += 1 }
            ranks[row] = UInt32(rank)
        }
        let scale = UInt64(UInt32.max) / UInt64(max(rank, 1))
        return ranks.map { UInt32(UInt64($0) * scale) }
    }

    /// The first bits of all ranks, then the second ones, and so on, as many as 64 bits hold.
    private static func codes(_ ranks: [[UInt32]], count: Int) -> [UInt64] {
        guard !ranks.isEmpty else { return Array(repeating: 0, count: count) }
        let bits = min(32, 64 / ranks.count)
        return (0..<count).map { row in
            var code: UInt64 = 0
            for bit in 0..<bits {
                for rank in ranks { code = code << 1 | UInt64(rank[row] >> (31 - UInt32(bit)) & 1) }
            }
            return code
        }
    }
}
