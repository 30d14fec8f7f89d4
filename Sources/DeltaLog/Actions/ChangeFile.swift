/// A file of changed rows; where a version has any, its change feed is these and nothing else.
public struct ChangeFile: Sendable, Hashable {
    /// The path as the log writes it.
    public var path: String
    /// The partition's values as text.
    public var partitionValues: [String: String?]
    /// The size in bytes.
    public var size: Int64
    /// Further marks.
    public var tags: [String: String]

    /// Makes an action.
    public init(
        path: String,
        partitionValues: [String: String?],
        size: Int64,
        tags: [String: String] = [:]
    ) {
        self.path = path
        self.partitionValues = partitionValues
        self.size = size
        self.tags = tags
    }
}
