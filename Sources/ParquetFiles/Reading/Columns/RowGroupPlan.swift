/// Which rows of a row group are read.
struct RowGroupPlan {
    let index: Int
    /// Rows counted in the row group, sorted, none empty, none touching the next.
    let rows: [Range<Int>]

    /// The plans of a selection, in the order of its row groups; those without a row are left out.
    static func plans(of footer: ParquetFooter, _ selection: ParquetSelection) throws(ParquetError)
        -> [RowGroupPlan]
    {
        var starts: [Int] = []
        var row = 0
        for group in footer.file.rowGroups {
            starts.append(row)
            row += group.rowCount
        }
        let wanted = selection.rows.map { Self.merged($0) }
        var plans: [RowGroupPlan] = []
        for index in selection.rowGroups ?? Array(footer.file.rowGroups.indices) {
            guard footer.file.rowGroups.indices.contains(index) else {
                throw ParquetError(
                    .schemaMismatch,
                    rowGroup: index,
                    message: "the file has \(footer.file.rowGroups.count) row groups"
                )
            }
            let all = 0..<footer.file.rowGroups[index].rowCount
            var rows = all.isEmpty ? [] : [all]
            if let wanted {
                rows = wanted.compactMap { range in
                    let low = max(range.lowerBound, starts[index])
                    let high = min(range.upperBound, starts[index] + all.count)
                    return low < high ? (low - starts[index])..<(high - starts[index]) : nil
                }
            }
            if !rows.isEmpty { plans.append(RowGroupPlan(index: index, rows: rows)) }
        }
        return plans
    }

    /// The same rows as ranges that are sorted and apart.
    private static func merged(_ ranges: [Range<Int>]) -> [Range<Int>] {
        var merged: [Range<Int>] = []
        for range in ranges.filter({ !$0.isEmpty }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }

    /// The rows of a batch, from the present position in the plan on.
    func batch(after position: (range: Int, row: Int), most: Int) -> (
        rows: [Range<Int>], next: (range: Int, row: Int)
    ) {
        var (range, row) = position
        var left = most
        var batch: [Range<Int>] = []
        while left > 0 && range < rows.count {
            let start = max(row, rows[range].lowerBound)
            let end = start + min(left, rows[range].upperBound - start)
            batch.append(start..<end)
            left -= end - start
            row = end
            if end == rows[range].upperBound { range += 1 }
        }
        return (batch, (range, row))
    }
}
