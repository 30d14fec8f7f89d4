/// A file in `_delta_log/_sidecars` with adds and removes of a V2 checkpoint.
public struct Sidecar: Sendable, Hashable {
    /// The file's name, URI-encoded, or an absolute URI.
    public var path: String
    /// The size in bytes.
    public var size: Int64
    /// When the file was made, in milliseconds since 1970-01-01T00:00:00Z.
    public var modificationTime: Int64

    /// Makes an action.
    public init(path: String, size: Int64, modificationTime: Int64) {
        self.path = path
        self.size = size
        self.modificationTime = modificationTime
    }
}
