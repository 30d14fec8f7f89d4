import ColumnBatches
import DeltaLog
import DeltaTables
public import ObjectStores

/// The table that keeps what each verification found, beside the ledger: one row a task and verification.
public struct ProofHistory: Sendable {
    /// What a verification of one task found.
    public struct Entry: Sendable, Hashable {
        /// When the source was looked at, in microseconds since 1970-01-01T00:00:00Z by its own clock.
        public var verifiedAt: Int64
        /// The region.
        public var region: String
        /// The client's id.
        public var client: String
        /// The schema.
        public var schema: String
        /// The table.
        public var table: String
        /// The version of the lake table.
        public var tableVersion: Int64
        /// Rows in the source.
        public var sourceRows: Int64
        /// Rows in the lake.
        public var lakeRows: Int64
        /// Rows that differ, those aside that the next run brings.
        public var differences: Int64
        /// Rows that were set right.
        public var repaired: Int64
        /// The digest of the source's rows: the checksums of all buckets, added without carry, in hexadecimal.
        public var digest: String

        /// Makes an entry.
        public init(
            verifiedAt: Int64,
            region: String,
            client: String,
            schema: String,
            table: String,
            tableVersion: Int64,
            sourceRows: Int64,
            lakeRows: Int64,
            differences: Int64,
            repaired: Int64,
            digest: String
        ) {
            self.verifiedAt = verifiedAt
            self.region = region
            self.client = client
            self.schema = schema
            self.table = table
            self.tableVersion = tableVersion
            self.sourceRows = sourceRows
            self.lakeRows = lakeRows
            self.differences = differences
            self.repaired = repaired
            self.digest = digest
        }
    }

    /// The history's path below the root of a lake.
    public static let defaultPath = "tributary/proofs"

    private static let schema = TableSchema(
        fields: [
            Field("region", .string), Field("client_id", .string), Field("schema", .string),
            Field("table_name", .string), Field("verified_at", .timestamp), Field("table_version", .int64),
            Field("source_rows", .int64), Field("lake_rows", .int64), Field("differences", .int64),
            Field("repaired", .int64), Field("digest", .string),
        ]
    )

    private let table: DeltaTable

    /// Names the history of a lake; nothing is read yet.
    public init(store: any ObjectStore, path: String = ProofHistory.defaultPath) {
        table = DeltaTable(store: store, path: path)
    }

    /// Adds what some verifications found, in one commit.
    public func append(_ entries: [Entry]) async throws {
        guard !entries.isEmpty else { return }
        var builders = Self.schema.fields.map { ColumnBuilder($0.type) }
        for entry in entries {
            for (index, value) in entry.values.enumerated() { builders[index].append(value) }
        }
        let batch = ColumnBatch(
            schema: BatchSchema(Self.schema.fields),
            columns: builders.indices.map { builders[$0].finish() }
        )
        if try await !table.exists() {
            do {
                _ = try await table.create(schema: Self.schema)
            } catch {
                guard try await table.exists() else { throw error }  // another process made it
            }
        }
        _ = try await table.append(batch)
    }
}

extension ProofHistory.Entry {
    fileprivate var values: [ColumnValue] {
        [
            .string(region), .string(client), .string(schema), .string(table), .timestamp(verifiedAt),
            .integer(tableVersion), .integer(sourceRows), .integer(lakeRows), .integer(differences),
            .integer(repaired), .string(digest),
        ]
    }
}
