/// How many ranges the next chunk of a load takes: what is read within some seconds and fills a file, and no more.
///
/// Small ranges are planned, and chunks are made of them as the load learns how wide and how fast the rows are. What is
/// left at the end is shared out, so that the readers finish together.
struct ChunkSizer: Sendable, Hashable {
    /// The most rows of a chunk.
    let maximumRows: Int
    /// The size of the files of a chunk, in bytes.
    let targetBytes: Int
    /// How long a chunk is read.
    let targetTime: Duration
    private var rowsPerRange: Double
    private var bytesPerRow: Double?
    private var rowsPerSecond: Double?
    /// The bytes of all chunks that were read.
    private var bytes = 0

    init(maximumRows: Int, rangeRows: Int, targetBytes: Int, targetTime: Duration = .seconds(5)) {
        self.maximumRows = maximumRows
        self.targetBytes = targetBytes
        self.targetTime = targetTime
        rowsPerRange = Double(max(rangeRows, 1))
    }

    /// Learns from a chunk that was read.
    mutating func record(ranges: Int, rows: Int, bytes: Int, time: Duration) {
        guard ranges > 0 else { return }
        // A range may be empty where keys are missing, but not all that follow are.
        self.bytes += bytes
        rowsPerRange = max(Self.mean(rowsPerRange, Double(rows) / Double(ranges)), 0.25)
        guard rows > 0 else { return }
        bytesPerRow = Self.mean(bytesPerRow, Double(bytes) / Double(rows))
        rowsPerSecond = Self.mean(rowsPerSecond, Double(rows) / max(time.seconds, 0.001))
    }

    /// The ranges of the next chunk; one while nothing is known.
    func ranges(remaining: Int, readers: Int) -> Int {
        guard let bytesPerRow, let rowsPerSecond else { return min(1, remaining) }
        let rows = min(
            Double(maximumRows),
            Double(targetBytes) / max(bytesPerRow, 0.1),
            rowsPerSecond * targetTime.seconds
        )
        let full = max(1, Int(rows / rowsPerRange))
        // Shares of nothing would be files that are soon packed.
        let share = max(1, full / 4, remaining / max(readers, 1))
        return min(full, share, remaining)
    }

    /// The size at which the files of a chunk are closed, in bytes, so that they are of one size and none is a remainder.
    ///
    /// - Parameters:
    ///   - ranges: The ranges of the chunk.
    ///   - first: The size of a table's first files, in bytes; later ones are at least an eighth of what was read by then.
    /// - Returns: The size, in bytes; `first` while nothing is known.
    func fileBytes(ranges: Int, first: Int) -> Int {
        guard let bytesPerRow else { return first }
        let expected = bytesPerRow * rowsPerRange * Double(ranges)
        let files = max(1, (expected / Double(max(first, bytes / 8, 1))).rounded(.down))
        // A little more than the share: sizes vary, and a file ends with a whole page.
        return min(targetBytes, Int(expected / files * 1.125))
    }

    private static func mean(_ old: Double?, _ new: Double) -> Double { old.map { ($0 + new) / 2 } ?? new }
}
