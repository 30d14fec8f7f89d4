/// What readers and writers of a table must be able to do.
public struct TableProtocol: Sendable, Hashable {
    /// The least version of readers.
    public var minReaderVersion: Int
    /// The least version of writers.
    public var minWriterVersion: Int
    /// The features readers need; present only with reader version 3.
    public var readerFeatures: [String]?
    /// The features writers need; present only with writer version 7.
    public var writerFeatures: [String]?

    /// Makes a protocol.
    public init(
        minReaderVersion: Int,
        minWriterVersion: Int,
        readerFeatures: [String]? = nil,
        writerFeatures: [String]? = nil
    ) {
        self.minReaderVersion = minReaderVersion
        self.minWriterVersion = minWriterVersion
        self.readerFeatures = readerFeatures
        self.writerFeatures = writerFeatures
    }
}
