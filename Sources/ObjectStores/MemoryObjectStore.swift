/// Objects in memory, for tests and for tables that need not last.
public actor MemoryObjectStore: ObjectStore {
    private struct Object {
        var bytes: [UInt8]
        var modified: Int64
    }

    private var objects: [String: Object] = [:]
    private var clock: Int64 = 0

    /// Makes an empty store.
    public init() {}

    /// Reads a whole object.
    public func read(_ path: String) throws -> [UInt8] {
        guard let object = objects[path] else {
            throw ObjectStoreError(.notFound, path: path, message: "there is no such object")
        }
        return object.bytes
    }

    /// Reads a range of an object.
    public func read(_ path: String, range: Range<Int>) throws -> [UInt8] {
        let bytes = try read(path)
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else {
            throw ObjectStoreError(.outOfRange, path: path, message: "bytes \(range) of \(bytes.count)")
        }
        return Array(bytes[range])
    }

    /// The size and the change time of an object; times are a counter here.
    public func attributes(of path: String) -> ObjectAttributes? {
        objects[path].map { ObjectAttributes(path: path, size: $0.bytes.count, modified: $0.modified) }
    }

    /// Lists objects in byte order of their paths.
    public func list(_ folder: String, after start: String?) -> [ObjectAttributes] {
        objects
            .filter { entry in
                entry.key.utf8.starts(with: folder.utf8)
                    && (start.map { $0.utf8.lexicographicallyPrecedes(entry.key.utf8) } ?? true)
            }
            .map { ObjectAttributes(path: $0.key, size: $0.value.bytes.count, modified: $0.value.modified) }
            .sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// Creates an object unless there is one.
    public func putIfAbsent(_ path: String, _ bytes: [UInt8]) throws {
        try ObjectPath.validate(path)
        guard objects[path] == nil else {
            throw ObjectStoreError(
                .alreadyExists,
                path: path,
                message: "an object of this path exists and is left as it is"
            )
        }
        clock += 1
        objects[path] = Object(bytes: bytes, modified: clock)
    }

    /// Opens an object for writing.
    public nonisolated func makeWriter(_ path: String) async throws -> any ObjectWriter {
        try ObjectPath.validate(path)
        return Writer(store: self, path: path)
    }

    /// Deletes an object.
    public func delete(_ path: String) {
        objects[path] = nil
    }

    private final class Writer: ObjectWriter {
        private let store: MemoryObjectStore
        private let path: String
        private var bytes: [UInt8] = []

        init(store: MemoryObjectStore, path: String) {
            self.store = store
            self.path = path
        }

        func write(_ more: [UInt8]) async throws { bytes += more }
        func finish() async throws { try await store.putIfAbsent(path, bytes) }
        func cancel() async { bytes = [] }
    }
}
