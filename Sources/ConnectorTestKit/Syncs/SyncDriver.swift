public import ColumnBatches
public import ObjectStores
public import SourceConnectors

/// What brings the rows of a source into a lake, as the kit drives it: the project's pipeline, or one under test.
public protocol SyncDriver: Sendable {
    /// Makes the lake table.
    func prepare(_ setup: SyncSetup<some SourceConnector>) async throws

    /// Brings what changed, once.
    func run(_ setup: SyncSetup<some SourceConnector>) async throws -> SyncObservation

    /// Brings what changed, once, with leave for whatever a run may not do by itself, such as to read all rows again.
    ///
    /// Left out, it is `run`.
    func runPlanned(_ setup: SyncSetup<some SourceConnector>) async throws -> SyncObservation

    /// The rows of the lake, in the order of the table's fields.
    func lakeRows(_ setup: SyncSetup<some SourceConnector>) async throws -> [[ColumnValue]]
}

extension SyncDriver {
    /// Runs.
    public func runPlanned(_ setup: SyncSetup<some SourceConnector>) async throws -> SyncObservation {
        try await run(setup)
    }
}

/// From where to where a driver brings rows, and how.
public struct SyncSetup<Connector: SourceConnector>: Sendable {
    /// How the source is read.
    public var connector: Connector
    /// The source.
    public var source: Source
    /// The table.
    public var table: TestTable
    /// The store that holds the lake.
    public var lake: any ObjectStore
    /// Whether changes are found by the cursor; else the whole table is compared.
    public var usesCursor = true
    /// Conditions on the rows.
    public var filters: [RowFilter] = []
    /// The rows of a chunk, for drivers that load large tables chunk by chunk; nil leaves it to them.
    public var chunkRows: Int?

    /// Makes a setup.
    public init(connector: Connector, source: Source, table: TestTable, lake: any ObjectStore) {
        self.connector = connector
        self.source = source
        self.table = table
        self.lake = lake
    }

    /// The same with another connector.
    func reading<Other: SourceConnector>(by connector: Other) -> SyncSetup<Other> {
        var other = SyncSetup<Other>(connector: connector, source: source, table: table, lake: lake)
        other.usesCursor = usesCursor
        other.filters = filters
        other.chunkRows = chunkRows
        return other
    }
}

/// What one run of a driver told of itself.
public struct SyncObservation: Sendable, Hashable {
    /// Whether the run ended well.
    public var succeeded: Bool
    /// The mark after the run, in the cursor's scale.
    public var mark: Int64?
    /// What the mark is worth: `proven`, `bounded(…)`, `digestOnly`.
    public var guarantee: String?
    /// Rows that the source sent.
    public var rowsRead = 0
    /// Rows that changed in the lake.
    public var rowsChanged = 0
    /// What went wrong.
    public var error: String?

    /// Makes an observation.
    public init(succeeded: Bool, mark: Int64? = nil, guarantee: String? = nil, error: String? = nil) {
        self.succeeded = succeeded
        self.mark = mark
        self.guarantee = guarantee
        self.error = error
    }
}
