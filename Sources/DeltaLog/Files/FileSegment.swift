/// Some files of a table in compact form, with an index by key and one by partition; never changes.
///
/// A file takes its path and statistics as bytes and some 80 bytes besides. Snapshots share segments.
final class FileSegment: Sendable {
    let chunks: [[UInt8]]
    let entries: [FileEntry]
    let keys: [FileKey]
    let partitions: [[String: String?]]
    let extras: [FileExtras]
    let sources: [any CheckpointStatistics]
    /// The positions of entries by key: open addressing, 0 for an empty slot.
    private let slots: [UInt32]
    /// The positions of entries, those of one partition after the other.
    private let order: [UInt32]
    private let starts: [Int]
    private let partitionIndex: [[String: String?]: Int]

    init(_ builder: consuming FileSegmentBuilder) {
        chunks = builder.finishedChunks
        entries = builder.entries
        keys = builder.keys
        partitions = builder.partitions.values
        extras = builder.extras
        sources = builder.sources
        var size = 4
        while size < entries.count * 2 { size *= 2 }
        var slots = [UInt32](repeating: 0, count: size)
        for (position, key) in keys.enumerated() {
            var slot = Int(truncatingIfNeeded: key.low) & (size - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = UInt32(position + 1)
        }
        self.slots = slots
        var counts = [Int](repeating: 0, count: partitions.count + 1)
        for entry in entries { counts[Int(entry.partition) + 1] += 1 }
        for index in 0..<partitions.count { counts[index + 1] += counts[index] }
        starts = counts
        var order = [UInt32](repeating: 0, count: entries.count)
        for (position, entry) in entries.enumerated() {
            order[counts[Int(entry.partition)]] = UInt32(position)
            counts[Int(entry.partition)] += 1
        }
        self.order = order
        partitionIndex = Dictionary(
            partitions.enumerated().map { ($1, $0) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The position of the file of a key, or nil.
    func position(of key: FileKey) -> Int? {
        var slot = Int(truncatingIfNeeded: key.low) & (slots.count - 1)
        while slots[slot] != 0 {
            let position = Int(slots[slot]) - 1
            if keys[position] == key { return position }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// The positions of the files of a partition.
    func positions(ofPartition index: Int) -> ArraySlice<UInt32> { order[starts[index]..<starts[index + 1]] }

    /// The partitions with these values; values that are not named may be any.
    func partitions(with values: [String: String?]) -> [Int] {
        if let exact = partitionIndex[values] { return [exact] }
        return partitions.indices.filter { partitions[$0].includes(values) }
    }

    /// The path's bytes, as the log writes them.
    func path(_ position: Int) -> ArraySlice<UInt8> {
        let entry = entries[position]
        let start = Int(entry.offset)
        return chunks[Int(entry.chunk)][start..<(start + Int(entry.pathLength))]
    }

    /// The statistics as text.
    func statistics(_ position: Int) -> String? {
        let entry = entries[position]
        if entry.statsSource >= 0 { return sources[Int(entry.statsSource)].text(row: Int(entry.statsRow)) }
        guard entry.statsLength != FileEntry.noStatistics else { return nil }
        let start = Int(entry.offset) + Int(entry.pathLength)
        return String(
            decoding: chunks[Int(entry.chunk)][start..<(start + Int(entry.statsLength))],
            as: UTF8.self
        )
    }

    /// The file as an action.
    func file(_ position: Int) -> AddFile {
        let entry = entries[position]
        let rare = entry.extras >= 0 ? extras[Int(entry.extras)] : FileExtras()
        var file = AddFile(
            path: String(decoding: path(position), as: UTF8.self),
            partitionValues: partitions[Int(entry.partition)],
            size: entry.size,
            modificationTime: entry.modificationTime,
            stats: statistics(position),
            tags: rare.tags,
            deletionVector: rare.deletionVector
        )
        file.baseRowID = rare.baseRowID
        file.defaultRowCommitVersion = rare.defaultRowCommitVersion
        file.clusteringProvider = rare.clusteringProvider
        return file
    }
}

extension [String: String?] {
    /// Whether these partition values have the given ones; a missing text and an empty one are the same.
    func includes(_ values: [String: String?]) -> Bool {
        for (column, wanted) in values {
            let value = (self[column] ?? nil).flatMap { $0.isEmpty ? nil : $0 }
            guard value == wanted.flatMap({ $0.isEmpty ? nil : $0 }) else { return false }
        }
        return true
    }
}
