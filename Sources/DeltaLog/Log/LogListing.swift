import ObjectStores

/// What is in `_delta_log`, from some version on.
struct LogListing: Sendable {
    /// A file of the log.
    struct File: Sendable, Hashable {
        var version: TableVersion
        var path: String
        var size: Int
        var modified: Int64
    }

    /// A checkpoint with all its files.
    struct Checkpoint: Sendable, Hashable {
        /// The shapes, the one that is read first last.
        enum Shape: Int, Sendable, Hashable {
            case parts
            case single
            case uuidParquet
            case uuidJSON
        }

        var version: TableVersion
        var shape: Shape
        var files: [File]
    }

    /// Commits of several versions in one file.
    struct Compaction: Sendable, Hashable {
        var from: TableVersion
        var to: TableVersion
        var file: File
    }

    var commits: [File] = []
    /// Complete checkpoints, the best of each version last.
    var checkpoints: [Checkpoint] = []
    var compactions: [Compaction] = []
    var checksums: [File] = []
    /// Whether there was anything that looks like a log, be it incomplete.
    var isEmpty: Bool { commits.isEmpty && checkpoints.isEmpty }

    init(_ objects: [ObjectAttributes], folder: String) {
        var parts: [String: (version: TableVersion, count: Int, files: [Int: File])] = [:]
        let prefix = folder.utf8.count
        for object in objects {
            guard
                let start = object.path.utf8.index(
                    object.path.startIndex,
                    offsetBy: prefix,
                    limitedBy: object.path.endIndex
                ), let name = LogFileName(object.path[start...])
            else { continue }
            func file(_ version: TableVersion) -> File {
                File(version: version, path: object.path, size: object.size, modified: object.modified)
            }
            switch name {
            case .commit(let version): commits.append(file(version))
            case .checksum(let version): checksums.append(file(version))
            case .compaction(let from, let to):
                compactions.append(Compaction(from: from, to: to, file: file(from)))
            case .checkpoint(let version): add(version, .single, [file(version)])
            case .uuidCheckpoint(let version, let isJSON):
                add(version, isJSON ? .uuidJSON : .uuidParquet, [file(version)])
            case .checkpointPart(let version, let part, let count):
                let key = "\(version)/\(count)"
                parts[key, default: (version, count, [:])].files[part] = file(version)
            }
        }
        for (_, set) in parts where set.files.count == set.count {
            add(set.version, .parts, set.files.sorted { $0.key < $1.key }.map(\.value))
        }
        commits.sort { $0.version < $1.version }
        checkpoints.sort {
            ($0.version, $0.shape.rawValue, $0.files[0].path) < (
                $1.version, $1.shape.rawValue, $1.files[0].path
            )
        }
    }

    private mutating func add(_ version: TableVersion, _ shape: Checkpoint.Shape, _ files: [File]) {
        checkpoints.append(Checkpoint(version: version, shape: shape, files: files))
    }

    /// The newest version that the listing shows.
    var newest: TableVersion? {
        [commits.last?.version, checkpoints.last?.version].compactMap { $0 }.max()
    }
}
