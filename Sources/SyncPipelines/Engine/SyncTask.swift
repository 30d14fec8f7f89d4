public import SourceConnectors
public import SyncLedgers

/// One table of one client in one region, and how to bring it: the unit of work of a run.
public struct SyncTask: Sendable {
    /// Which table of which client.
    public var identity: TaskIdentity
    /// Where the client's database is.
    public var source: Source
    /// The table in the client's database.
    public var sourceTable: TableName
    /// How the table is brought, the client's own settings included.
    public var template: TableTemplate
    /// The masks that are put on rows as they arrive.
    var masks: RowMasks?

    /// Makes a task.
    public init(identity: TaskIdentity, source: Source, sourceTable: TableName, template: TableTemplate) {
        self.identity = identity
        self.source = source
        self.sourceTable = sourceTable
        self.template = template
    }

    /// The path of the lake table below the lake's root.
    public var lakePath: String { "\(identity.schema)/\(identity.table)" }

    /// The values of the partition that the task alone writes.
    public var partition: [String: String?] {
        [LakeColumns.region: identity.region, LakeColumns.client: identity.client]
    }
}

/// The columns that every lake table has besides those of its source.
public enum LakeColumns {
    /// The region; the first partition column.
    public static let region = "region"
    /// The client's id; the second partition column.
    public static let client = "client_id"
    /// Both, in partition order.
    public static let partition = [region, client]
}

/// Which tasks of a configuration a call is about.
public struct TaskSelection: Sendable, Hashable {
    /// The regions.
    public var regions: RegionSelection
    /// One client, or nil for all.
    public var client: String?
    /// One table, as `table` or `schema.table`, or nil for all.
    public var table: String?

    /// Makes a selection; of everything in the regions unless said otherwise.
    public init(regions: RegionSelection, client: String? = nil, table: String? = nil) {
        self.regions = regions
        self.client = client
        self.table = table
    }
}
