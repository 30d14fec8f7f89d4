/// Rows as ranges that neither meet nor touch, in order.
struct RowRanges: Sendable, Hashable {
    let ranges: [Range<Int>]

    /// Makes rows of ranges in any order, which may overlap.
    init(_ ranges: [Range<Int>]) {
        var joined: [Range<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
            if let last = joined.last, range.lowerBound <= last.upperBound {
                joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                joined.append(range)
            }
        }
        self.ranges = joined
    }

    /// The rows that are in both.
    func intersection(_ other: RowRanges) -> RowRanges {
        var common: [Range<Int>] = []
        var (mine, theirs) = (ranges[...], other.ranges[...])
        while let one = mine.first, let two = theirs.first {
            let both =
                max(
                    one.lowerBound,
                    two.lowerBound
                )..<max(
                    max(one.lowerBound, two.lowerBound),
                    min(one.upperBound, two.upperBound)
                )
            if !both.isEmpty { common.append(both) }
            if one.upperBound < two.upperBound {
                mine = mine.dropFirst()
            } else {
                theirs = theirs.dropFirst()
            }
        }
        return RowRanges(common)
    }
}
