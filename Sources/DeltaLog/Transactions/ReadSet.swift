/// What a transaction was made from: a commit that touches it meanwhile is a conflict.
public struct ReadSet: Sendable, Hashable {
    /// The partitions that were read.
    public enum Partitions: Sendable, Hashable {
        /// None: the transaction only adds rows, whatever the table holds.
        case nothing
        /// These, each with literal values of some partition columns.
        case only([[String: String?]])
        /// The whole table.
        case whole
    }

    /// The partitions that were read.
    public var partitions: Partitions
    /// The paths of the files that were read.
    public var files: Set<String>
    /// The applications whose transactions were looked up or are written.
    public var transactionIDs: Set<String>

    /// Makes a read set.
    public init(partitions: Partitions, files: Set<String> = [], transactionIDs: Set<String> = []) {
        self.partitions = partitions
        self.files = files
        self.transactionIDs = transactionIDs
    }

    /// The domains whose settings were looked up.
    public var domains: Set<String> = []

    /// Whether the schema and the settings were looked at as a whole, so that each change of them is a conflict, even one
    /// that leaves rows as they are.
    public var readsMetadata = false

    /// Whether a file that another commit added or removed belongs to what was read; one of an unknown partition may.
    func covers(_ values: [String: String?]?) -> Bool {
        switch partitions {
        case .nothing: false
        case .whole: true
        case .only(let partitions):
            values.map { values in partitions.contains { values.includes($0) } } ?? true
        }
    }
}
