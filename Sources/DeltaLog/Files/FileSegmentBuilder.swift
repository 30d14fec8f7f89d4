/// Gathers files for a segment.
struct FileSegmentBuilder {
    /// The distinct partitions, found again by how the log spells them.
    struct Partitions {
        var values: [[String: String?]] = []
        private var bySpelling: [[UInt8]: UInt32] = [:]
        private var byValues: [[String: String?]: UInt32] = [:]
        private var last: (spelling: [UInt8], index: UInt32)?

        /// The position of a partition that stands as a JSON object in some bytes.
        mutating func index(_ bytes: [UInt8], _ range: Range<Int>?) throws(ActionFailure) -> UInt32 {
            guard let range else { return index([:]) }
            if let last, last.spelling.count == range.count, bytes[range].elementsEqual(last.spelling) {
                return last.index
            }
            let spelling = Array(bytes[range])
            if let known = bySpelling[spelling] {
                last = (spelling, known)
                return known
            }
            var cursor = JSONCursor(bytes, range)
            let index = index(try cursor.texts())
            bySpelling[spelling] = index
            last = (spelling, index)
            return index
        }

        /// The position of a partition.
        mutating func index(_ partition: [String: String?]) -> UInt32 {
            if let known = byValues[partition] { return known }
            let index = UInt32(values.count)
            values.append(partition)
            byValues[partition] = index
            return index
        }
    }

    private(set) var entries: [FileEntry] = []
    private(set) var keys: [FileKey] = []
    private(set) var extras: [FileExtras] = []
    private(set) var sources: [any CheckpointStatistics] = []
    var partitions = Partitions()
    private var chunks: [[UInt8]] = []
    private var open: [UInt8] = []
    /// Bytes are kept in pieces of about this size, so that none is ever copied to grow.
    private static let chunkBytes = 1 << 20

    /// The pieces of bytes, the open one included.
    var finishedChunks: [[UInt8]] { open.isEmpty ? chunks : chunks + [open] }

    /// The number of files.
    var count: Int { entries.count }

    /// Makes room, so that lists of many files are not copied to grow.
    mutating func reserve(_ count: Int) {
        entries.reserveCapacity(count)
        keys.reserveCapacity(count)
    }

    private mutating func makeRoom(_ length: Int) {
        if open.count + length > Self.chunkBytes, !open.isEmpty {
            chunks.append(open)
            open = []
        }
        if open.isEmpty { open.reserveCapacity(entries.count < 64 ? length : max(length, Self.chunkBytes)) }
    }

    /// Adds a file whose path and statistics stand one after the other in some bytes.
    mutating func append(_ entry: FileEntry, key: FileKey, from bytes: [UInt8], extras rare: FileExtras?) {
        var entry = entry
        let stats = entry.statsLength == FileEntry.noStatistics ? 0 : Int(entry.statsLength)
        let length = Int(entry.pathLength) + stats
        let start = Int(entry.offset)
        makeRoom(length)
        entry.chunk = UInt32(chunks.count)
        entry.offset = UInt32(open.count)
        entry.extras = -1
        if let rare, !rare.isEmpty {
            entry.extras = Int32(extras.count)
            extras.append(rare)
        }
        open.append(contentsOf: bytes[start..<(start + length)])
        entries.append(entry)
        keys.append(key)
    }

    /// Adds a file.
    mutating func append(_ file: AddFile) {
        var bytes = Array(file.path.utf8)
        let pathLength = UInt32(bytes.count)
        var statsLength = FileEntry.noStatistics
        if let stats = file.stats {
            bytes += Array(stats.utf8)
            statsLength = UInt32(bytes.count) - pathLength
        }
        let entry = FileEntry(
            chunk: 0,
            offset: 0,
            pathLength: pathLength,
            statsLength: statsLength,
            partition: partitions.index(file.partitionValues),
            extras: -1,
            size: file.size,
            modificationTime: file.modificationTime,
            statsSource: -1,
            statsRow: 0
        )
        let key = FileKey(path: file.path, deletionVector: file.deletionVector?.uniqueID)
        append(entry, key: key, from: bytes, extras: FileExtras(file))
    }

    /// Adds a file of another segment.
    mutating func append(_ segment: FileSegment, _ position: Int, sourceOffset: Int32) {
        var entry = segment.entries[position]
        entry.partition = partitions.index(segment.partitions[Int(entry.partition)])
        if entry.statsSource >= 0 { entry.statsSource += sourceOffset }
        let rare = entry.extras >= 0 ? segment.extras[Int(entry.extras)] : nil
        append(entry, key: segment.keys[position], from: segment.chunks[Int(entry.chunk)], extras: rare)
    }

    /// Adds sources of statistics.
    ///
    /// - Returns: The position of the first.
    mutating func append(_ added: [any CheckpointStatistics]) -> Int32 {
        defer { sources += added }
        return Int32(sources.count)
    }

    /// The segment of the files.
    consuming func finish() -> FileSegment { FileSegment(self) }
}

extension FileSegmentBuilder {
    /// Adds a file as it stands in a log's bytes.
    mutating func append(_ raw: RawFile, _ bytes: [UInt8]) throws(ActionFailure) {
        guard let path = raw.path else {
            throw ActionFailure(reason: "\"add.path\" is missing or of another type")
        }
        guard let size = raw.size else {
            throw ActionFailure(reason: "\"add.size\" is missing or of another type")
        }
        var rare: FileExtras?
        if raw.tags != nil || raw.deletionVector != nil || raw.baseRowID != nil
            || raw.defaultRowCommitVersion != nil || raw.clusteringProvider != nil
        {
            rare = FileExtras(try raw.add(bytes))
        }
        let partition = try partitions.index(bytes, raw.partitionValues)
        makeRoom(path.range.count + (raw.stats?.range.count ?? 0))
        let start = open.count
        try append(path, bytes)
        let pathLength = open.count - start
        if let stats = raw.stats { try append(stats, bytes) }
        let statsLength = open.count - start - pathLength
        guard open.count <= Int(UInt32.max) else { throw ActionFailure(reason: "the action is too long") }
        keys.append(
            FileKey(open, start..<(start + pathLength), deletionVector: rare?.deletionVector?.uniqueID)
        )
        var extra: Int32 = -1
        if let rare, !rare.isEmpty {
            extra = Int32(extras.count)
            extras.append(rare)
        }
        entries.append(
            FileEntry(
                chunk: UInt32(chunks.count),
                offset: UInt32(start),
                pathLength: UInt32(pathLength),
                statsLength: raw.stats == nil ? FileEntry.noStatistics : UInt32(statsLength),
                partition: partition,
                extras: extra,
                size: size,
                modificationTime: raw.modificationTime ?? 0,
                statsSource: -1,
                statsRow: 0
            )
        )
    }

    /// Takes the last file out again.
    mutating func removeLast() {
        entries.removeLast()
        keys.removeLast()
    }

    private mutating func append(_ text: JSONText, _ bytes: [UInt8]) throws(ActionFailure) {
        if !text.hasEscapes {
            open.append(contentsOf: bytes[text.range])
        } else if !JSONBytes.appendUnescaped(bytes, text.range, to: &open) {
            throw ActionFailure(reason: "a string has an unknown escape")
        }
    }

    /// Adds a file that another builder holds.
    mutating func append(_ other: borrowing FileSegmentBuilder, _ position: Int, partition: UInt32) {
        var entry = other.entries[position]
        entry.partition = partition
        let rare = entry.extras >= 0 ? other.extras[Int(entry.extras)] : nil
        let key = other.keys[position]
        if Int(entry.chunk) < other.chunks.count {
            append(entry, key: key, from: other.chunks[Int(entry.chunk)], extras: rare)
        } else {
            append(entry, key: key, from: other.open, extras: rare)
        }
    }

    /// Adds a file of a checkpoint.
    mutating func append(
        _ files: borrowing CheckpointFiles,
        _ position: Int,
        key: FileKey,
        partition: UInt32,
        source: Int32
    ) {
        let start = position == 0 ? 0 : files.pathEnds[position - 1]
        let other = files.others[position]
        let entry = FileEntry(
            chunk: 0,
            offset: UInt32(start),
            pathLength: UInt32(files.pathEnds[position] - start),
            statsLength: FileEntry.noStatistics,
            partition: partition,
            extras: -1,
            size: files.sizes[position],
            modificationTime: files.modificationTimes[position],
            statsSource: files.statisticsRows.isEmpty ? -1 : source,
            statsRow: files.statisticsRows.isEmpty ? 0 : Int32(files.statisticsRows[position])
        )
        append(entry, key: key, from: files.pathBytes, extras: other.map { FileExtras($0) })
    }
}
