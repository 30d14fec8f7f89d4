import ColumnBatches

/// Buckets that differ, a few at a time: as many as hold the rows that may be in memory at once.
struct BucketPasses: Sendable {
    private var waiting: ArraySlice<(number: Int, rows: Int)>
    private let rowsAtOnce: Int
    private var passesLeft: Int

    init(_ source: BucketDigests, _ lake: BucketDigests, _ options: VerificationOptions) {
        waiting =
            source.differing(from: lake).map { number in
                (number, max(source.buckets[number].rowCount, lake.buckets[number].rowCount))
            }[...]
        rowsAtOnce = options.rowsAtOnce
        passesLeft = options.passes
    }

    /// The number of buckets that are still to be looked at.
    var left: Int { waiting.count }

    /// The next buckets, or nil when there are none or enough has been read.
    mutating func next() -> Set<Int>? {
        guard passesLeft > 0, !waiting.isEmpty else { return nil }
        passesLeft -= 1
        var numbers: Set<Int> = []
        var rows = 0
        while let bucket = waiting.first, numbers.isEmpty || rows + bucket.rows <= rowsAtOnce {
            numbers.insert(bucket.number)
            rows += bucket.rows
            waiting.removeFirst()
        }
        return numbers
    }
}
