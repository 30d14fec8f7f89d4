/// Which reads bring some ranges of a file: near ones come together.
///
/// A gap is read along where it costs less than a request of its own would; a read that grows past a size ends.
public struct ReadPlan: Sendable, Hashable {
    /// The ranges to read, in the order of the file; they neither touch nor overlap unless one was cut by its size.
    public let reads: [Range<Int>]

    /// Plans the reads of some ranges, in any order, that may overlap.
    public init(_ ranges: [Range<Int>], gap: Int = 64 << 10, largest: Int = 32 << 20) {
        var reads: [Range<Int>] = []
        for range in ranges.filter({ !$0.isEmpty }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard let last = reads.last else {
                reads.append(range)
                continue
            }
            let union = last.lowerBound..<max(last.upperBound, range.upperBound)
            let isNear = range.lowerBound - last.upperBound <= gap
            // Ranges that overlap must come together, whatever the size: each has to lie in one read.
            if range.lowerBound < last.upperBound || (isNear && union.count <= largest) {
                reads[reads.count - 1] = union
            } else {
                reads.append(range)
            }
        }
        self.reads = reads
    }
}
