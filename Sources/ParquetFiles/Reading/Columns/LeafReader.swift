import ColumnBatches

/// Reads one column chunk, as far as its bytes are there, into the output of a batch.
///
/// The reader does no I/O: what it lacks it asks for.
final class LeafReader {
    let leaf: LeafColumn
    let chunk: ChunkMetadata
    let settings: LeafSettings
    /// Where the chunk ends.
    let end: Int
    /// The pages by the offset index, where it was read, and the parts of the file that hold those that are wanted.
    let pages: [PageLocation]
    let wanted: [Range<Int>]

    var window = ByteWindow()
    /// Where the next page begins.
    var position: Int
    var page: OpenPage?
    /// Decompressed bytes of the open page.
    var buffer: [UInt8] = []
    var dictionary: ValueArrays?
    /// The first row that is not read yet; of a repeated column, the number of rows that have begun.
    var row = 0
    /// The values that the pages so far have.
    var entries = 0
    var hasJumped = false
    var scratch = ValueArrays()
    var indices = DictionaryIndices()
    var output: LeafOutput

    /// Values are decoded in blocks of this many, which stay in the cache.
    static let blockSize = 16_384

    init(_ leaf: LeafColumn, _ chunk: ChunkMetadata, _ settings: LeafSettings, _ selection: PageSelection?)
        throws(ParquetError)
    {
        self.leaf = leaf
        self.chunk = chunk
        self.settings = settings
        guard chunk.type == leaf.physical else {
            throw ParquetError(.damaged, message: "the column's type differs from the schema's")
        }
        guard chunk.filePath == nil else {
            throw ParquetError(
                .unsupportedType,
                message: "the column lies in another file, which is not supported"
            )
        }
        guard let codec = Codec(rawValue: chunk.codecNumber), codec.isSupported else {
            let name = Codec(rawValue: chunk.codecNumber).map { "\($0)" } ?? "\(chunk.codecNumber)"
            throw ParquetError(.unsupportedCodec, message: "the codec \(name) is not supported")
        }
        let start = min(chunk.dictionaryPageOffset ?? chunk.dataPageOffset, chunk.dataPageOffset)
        let (end, overflow) = start.addingReportingOverflow(chunk.compressedSize)
        guard start >= 0, chunk.compressedSize >= 0, !overflow, end <= settings.fileSize else {
            throw ParquetError(.damaged, message: "the column lies outside the file")
        }
        self.end = end
        position = start
        pages = selection?.pages ?? []
        wanted = selection?.wanted ?? []
        output = LeafOutput(leaf, wantsIndices: settings.keepsDictionaries)
    }

    /// Reads up to a row, and keeps the rows or passes over them.
    ///
    /// - Returns: The bytes without which it cannot go on, or nil when it is done.
    func advance(to target: Int, keeping keep: Bool) throws(ParquetError) -> Range<Int>? {
        if leaf.maxRepetition == 0 {
            while row < target {
                if !keep { jump(to: target) }
                guard let left = page?.left else {
                    if let need = try openPage(passingOverRowsTo: keep ? 0 : target) { return need }
                    continue
                }
                let count = min(target - row, left, Self.blockSize)
                let mark = output.mark
                try readFlat(count)
                if !keep { output.truncate(to: mark) }
                row += count
                if left == count { page = nil } else { page?.left -= count }
            }
            return nil
        }
        return try advanceRepeated(to: target, keeping: keep)
    }

    /// The output so far as a column with its levels; the next batch begins.
    func finishBatch() -> (column: Column, definitions: [UInt8], repetitions: [UInt8]) {
        let result = (output.column, output.definitions, output.repetitions)
        output = LeafOutput(leaf, wantsIndices: settings.keepsDictionaries)
        return result
    }

    /// Passes over whole pages, where the offset index tells where they begin.
    func jump(to target: Int) {
        guard let first = pages.first, position >= first.offset else { return }
        var low = 0
        var high = pages.count
        while low < high {
            let middle = (low + high) / 2
            if pages[middle].firstRow <= target { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return }
        let location = pages[low - 1]
        guard location.firstRow > row, location.offset >= position else { return }
        page = nil
        position = location.offset
        row = location.firstRow
        hasJumped = true
    }

    /// Whether there is no further page.
    var isExhausted: Bool {
        position >= end || (!hasJumped && entries >= chunk.valueCount)
    }
}
