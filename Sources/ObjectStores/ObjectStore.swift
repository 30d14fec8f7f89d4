/// A folder or bucket of objects: whole-object and ranged reads, ordered listing, and put-if-absent.
///
/// Paths are relative to the store's root, use `/`, and have no leading slash: `orders/_delta_log/0….json`.
public protocol ObjectStore: Sendable {
    /// Reads a whole object.
    ///
    /// - Throws: `ObjectStoreError` with code `notFound` when there is none.
    func read(_ path: String) async throws -> [UInt8]

    /// Reads bytes `range` of an object; a range past the end is an error.
    func read(_ path: String, range: Range<Int>) async throws -> [UInt8]

    /// The size of an object in bytes and when it was last changed, or nil when there is none.
    func attributes(of path: String) async throws -> ObjectAttributes?

    /// Lists the objects below a folder whose paths sort after `start`, in ascending byte order of their paths.
    ///
    /// `folder` ends with `/` or is empty; objects in folders below it are included.
    func list(_ folder: String, after start: String?) async throws -> [ObjectAttributes]

    /// Creates an object unless one of that path exists; atomic and durable when it returns.
    ///
    /// - Throws: `ObjectStoreError` with code `alreadyExists` when there is one, which is left as it is.
    func putIfAbsent(_ path: String, _ bytes: [UInt8]) async throws

    /// Creates an object unless one of that path exists; atomic, but a loss of power may take it away.
    ///
    /// It is for what nobody misses then, such as a lease. A store that is durable at no cost leaves it as it is.
    ///
    /// - Throws: `ObjectStoreError` with code `alreadyExists` when there is one, which is left as it is.
    func putTransientIfAbsent(_ path: String, _ bytes: [UInt8]) async throws

    /// Opens an object for writing piece by piece; it is there for readers once it is finished.
    func makeWriter(_ path: String) async throws -> any ObjectWriter

    /// Deletes an object; no error when there is none.
    func delete(_ path: String) async throws
}

extension ObjectStore {
    /// Creates a durable object, which is more than was asked for.
    public func putTransientIfAbsent(_ path: String, _ bytes: [UInt8]) async throws {
        try await putIfAbsent(path, bytes)
    }
}

/// An object that is being written.
public protocol ObjectWriter: AnyObject {
    /// Adds bytes at the end.
    func write(_ bytes: [UInt8]) async throws

    /// Makes the object durable and visible.
    func finish() async throws

    /// Gives the object up; nothing of it remains.
    func cancel() async
}

/// What a store knows of an object without reading it.
public struct ObjectAttributes: Sendable, Hashable {
    /// The path below the store's root.
    public var path: String
    /// The size in bytes.
    public var size: Int
    /// The last change, in milliseconds since 1970-01-01T00:00:00Z.
    public var modified: Int64

    /// Makes attributes.
    public init(path: String, size: Int, modified: Int64) {
        self.path = path
        self.size = size
        self.modified = modified
    }
}
