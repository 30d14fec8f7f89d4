/// The live files of a snapshot: a few segments, each with the marks of those that have left since.
///
/// A commit adds a small segment and sets some marks; segments of like size are merged, so that there are never many
/// and a file is copied only a few times. Copies of a set share the segments.
struct FileSet: Sendable {
    private struct Part: Sendable {
        let segment: FileSegment
        /// A bit for each file that has left; empty while none has.
        var dead: [UInt64] = []
        var liveCount: Int

        init(_ segment: FileSegment) {
            self.segment = segment
            liveCount = segment.entries.count
        }

        func isLive(_ position: Int) -> Bool {
            dead.isEmpty || dead[position >> 6] >> UInt64(position & 63) & 1 == 0
        }

        mutating func kill(_ position: Int) {
            if dead.isEmpty { dead = Array(repeating: 0, count: (segment.entries.count + 63) / 64) }
            dead[position >> 6] |= 1 << UInt64(position & 63)
            liveCount -= 1
        }
    }

    private var parts: [Part] = []
    /// The number of files.
    private(set) var count = 0
    /// The size of all files in bytes.
    private(set) var byteCount: Int64 = 0

    init() {}

    /// The files of one segment.
    init(_ segment: FileSegment) {
        add(segment)
    }

    private mutating func add(_ segment: FileSegment) {
        guard !segment.entries.isEmpty else { return }
        parts.append(Part(segment))
        count += segment.entries.count
        for entry in segment.entries { byteCount &+= entry.size }
    }

    /// Takes files out and puts files in.
    mutating func apply(removed: [FileKey], added: [AddFile]) {
        for key in removed { remove(key) }
        guard !added.isEmpty else { return }
        var builder = FileSegmentBuilder()
        for file in added {
            remove(FileKey(path: file.path, deletionVector: file.deletionVector?.uniqueID))
            builder.append(file)
        }
        add(builder.finish())
        while parts.count > 1, parts[parts.count - 1].liveCount * 2 >= parts[parts.count - 2].liveCount {
            mergeLast()
        }
    }

    private mutating func remove(_ key: FileKey) {
        for index in parts.indices.reversed() {
            guard let position = parts[index].segment.position(of: key), parts[index].isLive(position) else {
                continue
            }
            parts[index].kill(position)
            count -= 1
            byteCount &-= parts[index].segment.entries[position].size
            if parts[index].liveCount == 0 { parts.remove(at: index) }
            return
        }
    }

    private mutating func mergeLast() {
        var builder = FileSegmentBuilder()
        for part in parts.suffix(2) {
            let offset = builder.append(part.segment.sources)
            for position in part.segment.entries.indices where part.isLive(position) {
                builder.append(part.segment, position, sourceOffset: offset)
            }
        }
        parts.removeLast(2)
        parts.append(Part(builder.finish()))
    }

    /// Whether a file of a key is there.
    func contains(_ key: FileKey) -> Bool {
        parts.contains { part in part.segment.position(of: key).map { part.isLive($0) } ?? false }
    }

    /// The file of a key.
    func file(_ key: FileKey) -> AddFile? {
        for part in parts {
            if let position = part.segment.position(of: key), part.isLive(position) {
                return part.segment.file(position)
            }
        }
        return nil
    }

    /// All files, in byte order of their paths.
    func files() -> [AddFile] {
        sorted { part in part.segment.entries.indices.lazy.filter { part.isLive($0) } }
    }

    /// The files of the partitions with these values, in byte order of their paths.
    func files(inPartition values: [String: String?]) -> [AddFile] {
        sorted { part in
            part.segment.partitions(with: values).lazy.flatMap { part.segment.positions(ofPartition: $0) }
                .map { Int($0) }.filter { part.isLive($0) }
        }
    }

    private func sorted(_ positions: (Part) -> some Sequence<Int>) -> [AddFile] {
        var found: [(path: ArraySlice<UInt8>, part: Int, position: Int)] = []
        for (index, part) in parts.enumerated() {
            for position in positions(part) { found.append((part.segment.path(position), index, position)) }
        }
        found.sort { $0.path.lexicographicallyPrecedes($1.path) }
        return found.map { parts[$0.part].segment.file($0.position) }
    }

    /// The distinct partitions that have files.
    func partitions() -> Set<[String: String?]> {
        var found: Set<[String: String?]> = []
        for part in parts {
            for (index, values) in part.segment.partitions.enumerated()
            where part.segment.positions(ofPartition: index).contains(where: { part.isLive(Int($0)) }) {
                found.insert(values)
            }
        }
        return found
    }

    /// The files a piece at a time, in no order that means anything; for work that streams.
    func forEachPiece(_ body: ([AddFile]) async throws -> Void) async throws {
        for part in parts {
            var piece: [AddFile] = []
            for index in part.segment.partitions.indices {
                for position in part.segment.positions(ofPartition: index) where part.isLive(Int(position)) {
                    piece.append(part.segment.file(Int(position)))
                    if piece.count == 10_000 {
                        try await body(piece)
                        piece = []
                    }
                }
            }
            if !piece.isEmpty { try await body(piece) }
        }
    }
}
