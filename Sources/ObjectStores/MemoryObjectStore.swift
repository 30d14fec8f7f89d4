import Synchronization

/// Objects in memory, for tests and for tables that need not last.
public final class MemoryObjectStore: ObjectStore {
    private struct Object: Sendable {
        var bytes: [UInt8]
        var modified: Int64
    }

    private struct State: Sendable {
        var objects: [String: Object] = [:]
        var clock: Int64 = 0
    }

    private let state = Mutex(State())

    /// Makes an empty store.
    public init() {}

    /// Reads a whole object.
    public func read(_ path: String) async throws -> [UInt8] {
        guard let object = state.withLock({ $0.objects[path] }) else { throw Self.notFound(path) }
        return object.bytes
    }

    /// Reads a range of an object.
    public func read(_ path: String, range: Range<Int>) async throws -> [UInt8] {
        let bytes = try await read(path)
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else {
            throw ObjectStoreError(.outOfRange, path: path, message: "bytes \(range) of \(bytes.count)")
        }
        return Array(bytes[range])
    }

    /// The size and the change time of an object; times are a counter here.
    public func attributes(of path: String) async throws -> ObjectAttributes? {
        state.withLock { state in
            state.objects[path].map {
                ObjectAttributes(path: path, size: $0.bytes.count, modified: $0.modified)
            }
        }
    }

    /// Lists objects in byte order of their paths.
    public func list(_ folder: String, after start: String?) async throws -> [ObjectAttributes] {
        state.withLock { state in
            state.objects
                .filter { entry in
                    entry.key.utf8.starts(with: folder.utf8)
                        && (start == nil || Self.precedes(start ?? "", entry.key))
                }
                .map {
                    ObjectAttributes(path: $0.key, size: $0.value.bytes.count, modified: $0.value.modified)
                }
                .sorted { Self.precedes($0.path, $1.path) }
        }
    }

    /// Creates an object unless there is one.
    public func putIfAbsent(_ path: String, _ bytes: [UInt8]) async throws {
        try ObjectPath.validate(path)
        let isNew = state.withLock { state in
            guard state.objects[path] == nil else { return false }
            state.clock += 1
            state.objects[path] = Object(bytes: bytes, modified: state.clock)
            return true
        }
        guard isNew else {
            throw ObjectStoreError(
                .alreadyExists,
                path: path,
                message: "an object of this path exists and is left as it is"
            )
        }
    }

    /// Opens an object for writing.
    public func makeWriter(_ path: String) async throws -> any ObjectWriter {
        try ObjectPath.validate(path)
        return Writer(store: self, path: path)
    }

    /// Deletes an object.
    public func delete(_ path: String) async throws {
        state.withLock { _ = $0.objects.removeValue(forKey: path) }
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    private static func notFound(_ path: String) -> ObjectStoreError {
        ObjectStoreError(.notFound, path: path, message: "there is no such object")
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
