/// Objects as files below a folder of the local disk.
///
/// Durability: an object is written to a hidden file in its own folder, flushed to the disk, and then linked to its
/// name, which fails when the name is taken; nothing is ever renamed over another file. After that the folder is
/// flushed. So an object is either there as a whole or not there, also after a loss of power.
/// `synchronizes = false` leaves the flushing to the system, for lakes that can be made again.
public struct LocalObjectStore: ObjectStore {
    /// The folder that holds the objects; made when the first object is written.
    public let root: String
    /// Whether objects are flushed to the disk before they count as written.
    public var synchronizes = true

    /// Names a folder; nothing is read or made yet.
    public init(root: String) {
        self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
    }

    /// Reads a whole object.
    public func read(_ path: String) async throws -> [UInt8] {
        try ObjectPath.validate(path)
        let file = try LocalFile(location(path), object: path)
        return try file.read(0..<file.size())
    }

    /// Reads a range of an object.
    public func read(_ path: String, range: Range<Int>) async throws -> [UInt8] {
        try ObjectPath.validate(path)
        guard range.lowerBound >= 0 else {
            throw ObjectStoreError(.outOfRange, path: path, message: "bytes \(range)")
        }
        let file = try LocalFile(location(path), object: path)
        guard try range.upperBound <= file.size() else {
            throw ObjectStoreError(.outOfRange, path: path, message: "bytes \(range) of \(try file.size())")
        }
        return try file.read(range)
    }

    /// The size and the change time of an object.
    public func attributes(of path: String) async throws -> ObjectAttributes? {
        try ObjectPath.validate(path)
        guard let status = try LocalFolder.status(location(path), object: path), !status.isFolder else {
            return nil
        }
        return ObjectAttributes(path: path, size: status.size, modified: status.modified)
    }

    /// Lists objects in byte order of their paths; hidden files are not objects.
    public func list(_ folder: String, after start: String?) async throws -> [ObjectAttributes] {
        var found: [ObjectAttributes] = []
        let parent = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        try collect(parent, after: start, into: &found)
        return found.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// Creates an object unless there is one.
    public func putIfAbsent(_ path: String, _ bytes: [UInt8]) async throws {
        let writer = try Writer(store: self, path: path)
        do {
            try await writer.write(bytes)
            try await writer.finish()
        } catch {
            await writer.cancel()
            throw error
        }
    }

    /// Creates an object unless there is one, without a flush to the disk.
    public func putTransientIfAbsent(_ path: String, _ bytes: [UInt8]) async throws {
        var store = self
        store.synchronizes = false
        try await store.putIfAbsent(path, bytes)
    }

    /// Opens an object for writing piece by piece.
    public func makeWriter(_ path: String) async throws -> any ObjectWriter {
        try Writer(store: self, path: path)
    }

    /// Deletes an object.
    public func delete(_ path: String) async throws {
        try ObjectPath.validate(path)
        try LocalFolder.remove(location(path), object: path)
    }

    private func location(_ path: String) -> String {
        path.isEmpty ? root : root + "/" + path
    }

    private func collect(_ folder: String, after start: String?, into found: inout [ObjectAttributes]) throws
    {
        for name in try LocalFolder.names(location(folder)) ?? [] where !name.hasPrefix(".") {
            let path = folder.isEmpty ? name : folder + "/" + name
            if let start, !start.utf8.lexicographicallyPrecedes(path.utf8),
                !start.utf8.starts(with: path.utf8)
            {
                continue
            }
            guard let status = try LocalFolder.status(location(path), object: path) else { continue }
            if status.isFolder {
                try collect(path, after: start, into: &found)
            } else if start.map({ $0.utf8.lexicographicallyPrecedes(path.utf8) }) ?? true {
                found.append(ObjectAttributes(path: path, size: status.size, modified: status.modified))
            }
        }
    }

    private final class Writer: ObjectWriter {
        private let store: LocalObjectStore
        private let path: String
        private let folder: String
        private let temporary: String
        private let file: LocalFile

        init(store: LocalObjectStore, path: String) throws {
            try ObjectPath.validate(path)
            self.store = store
            self.path = path
            let target = store.location(path)
            folder = String(target[..<(target.lastIndex(of: "/") ?? target.startIndex)])
            // The system's UUIDs open a device each time.
            let name = String(UInt128.random(in: 0 ... .max), radix: 36)
            temporary = folder + "/." + name + ".tmp"
            try LocalFolder.make(folder)
            file = try LocalFile(temporary, object: path, creating: true)
        }

        func write(_ bytes: [UInt8]) async throws { try file.write(bytes) }

        func finish() async throws {
            if store.synchronizes { try file.synchronize() }
            try LocalFolder.link(temporary, to: store.location(path), object: path)
            try LocalFolder.remove(temporary, object: path)
            if store.synchronizes { try LocalFolder.synchronize(folder, object: path) }
        }

        func cancel() async { try? LocalFolder.remove(temporary, object: path) }
    }
}
