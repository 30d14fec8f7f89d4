/// The rows of a data file that have left the table, by their positions in the file.
public struct DeletionVector: Sendable, Hashable {
    /// The positions, sorted, none twice.
    public private(set) var rows: [UInt64]

    /// A vector of more rows would not fit in a sane amount of memory.
    private static let maximumRows = 1 << 27
    private static let magic: UInt32 = 1_681_511_377

    /// Makes a vector of positions in any order.
    public init(_ rows: some Sequence<UInt64>) {
        var sorted = rows.sorted()
        var kept = 0
        for index in sorted.indices where index == 0 || sorted[index] != sorted[kept - 1] {
            sorted[kept] = sorted[index]
            kept += 1
        }
        sorted.removeLast(sorted.count - kept)
        self.rows = sorted
    }

    /// Makes a vector of ascending positions.
    ///
    /// - Precondition: each position is greater than the one before it.
    public init(ascending rows: [UInt64]) {
        for index in rows.indices.dropFirst() {
            precondition(rows[index] > rows[index - 1], "positions do not ascend")
        }
        self.rows = rows
    }

    /// The number of rows.
    public var count: Int { rows.count }

    /// The positions that lie in a range.
    public func rows(in range: Range<UInt64>) -> ArraySlice<UInt64> {
        rows[position(of: range.lowerBound)..<position(of: range.upperBound)]
    }

    private func position(of row: UInt64) -> Int {
        var (low, high) = (0, rows.count)
        while low < high {
            let middle = (low + high) / 2
            if rows[middle] < row { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// This vector with the rows of another.
    public func union(_ other: DeletionVector) -> DeletionVector { DeletionVector(rows + other.rows) }

    /// Reads a serialised vector: the magic number, then the bitmaps of the portable form.
    ///
    /// - Throws: A description of what is damaged.
    init(serialized bytes: [UInt8], limit: Int) throws(RoaringBitmap.Failure) {
        var reader = RoaringBitmap.Reader(bytes: bytes, position: 0)
        let magic = try reader.integer32()
        guard magic == Self.magic else { throw RoaringBitmap.Failure(reason: "it begins with \(magic)") }
        let count = try reader.integer64()
        guard count <= 1 << 16 else { throw RoaringBitmap.Failure(reason: "it has \(count) bitmaps") }
        var rows: [UInt64] = []
        var last: Int64 = -1
        for _ in 0..<count {
            let key = try reader.integer32()
            guard Int64(key) > last else { throw RoaringBitmap.Failure(reason: "the bitmaps are not sorted") }
            last = Int64(key)
            reader.position = try RoaringBitmap.decode(
                bytes,
                at: reader.position,
                base: UInt64(key) << 32,
                limit: min(limit, Self.maximumRows),
                into: &rows
            )
        }
        self.rows = rows
    }

    /// The vector as it is stored, its length and checksum aside.
    var serialized: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendLowFirst(Self.magic)
        var groups: [(key: UInt32, rows: ArraySlice<UInt64>)] = []
        var start = 0
        while start < rows.count {
            let key = UInt32(rows[start] >> 32)
            let end = position(of: (UInt64(key) + 1) << 32)
            groups.append((key, rows[start..<end]))
            start = end
        }
        bytes.appendLowFirst(UInt64(groups.count))
        for group in groups {
            bytes.appendLowFirst(group.key)
            bytes += RoaringBitmap.encode(group.rows)
        }
        return bytes
    }
}
