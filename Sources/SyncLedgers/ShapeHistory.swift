public import ColumnBatches
import DeltaLog
package import DeltaTables
public import ObjectStores

/// The table that keeps what clients' tables looked like: one row each time that one looks otherwise.
public struct ShapeHistory: Sendable {
    /// What a table looked like.
    public struct Entry: Sendable, Hashable {
        /// The task.
        public var task: TaskIdentity
        /// The run that saw it.
        public var runID: String
        /// When it was seen, in microseconds since 1970-01-01T00:00:00Z.
        public var seenAt: Int64
        /// The shape, as the writer wrote it.
        public var shape: String

        /// Makes an entry.
        public init(task: TaskIdentity, runID: String, seenAt: Int64, shape: String) {
            self.task = task
            self.runID = runID
            self.seenAt = seenAt
            self.shape = shape
        }
    }

    private let history: SystemTable
    /// The table that holds the history.
    package var table: DeltaTable { history.table }

    /// The history's path below the root of a lake.
    public static let defaultPath = "tributary/table_shapes"

    /// The columns of the history.
    public static let fields = [
        Field("region", .string), Field("client_id", .string), Field("schema", .string),
        Field("table_name", .string), Field("seen_at", .timestamp), Field("run_id", .string),
        Field("shape", .string),
    ]

    /// Names the history of a lake; nothing is read yet.
    public init(store: any ObjectStore, path: String = ShapeHistory.defaultPath) {
        history = SystemTable(
            table: DeltaTable(store: store, path: path),
            schema: TableSchema(fields: Self.fields)
        )
    }

    /// The last shape of each task.
    public func latest() async throws -> [TaskIdentity: Entry] {
        guard let snapshot = try await history.snapshot() else { return [:] }
        var latest: [TaskIdentity: Entry] = [:]
        for try await batch in try history.table.rows(of: snapshot, columns: Self.fields.map(\.name)) {
            for row in 0..<batch.rowCount {
                guard let entry = Entry(batch.row(row)) else { continue }
                if latest[entry.task].map({ $0.seenAt <= entry.seenAt }) ?? true {
                    latest[entry.task] = entry
                }
            }
        }
        return latest
    }

    /// Adds what was seen, in one commit.
    public func append(_ entries: [Entry]) async throws {
        guard !entries.isEmpty else { return }
        var builders = Self.fields.map { ColumnBuilder($0.type) }
        for entry in entries {
            for (index, value) in entry.values.enumerated() { builders[index].append(value) }
        }
        let batch = ColumnBatch(
            schema: BatchSchema(Self.fields),
            columns: builders.indices.map { builders[$0].finish() }
        )
        _ = try await history.snapshotMakingTable()
        _ = try await history.table.append(batch)
    }
}

extension ShapeHistory.Entry {
    fileprivate init?(_ row: [ColumnValue]) {
        guard case .string(let region) = row[0], case .string(let client) = row[1],
            case .string(let schema) = row[2], case .string(let table) = row[3],
            case .timestamp(let seen) = row[4], case .string(let run) = row[5],
            case .string(let shape) = row[6]
        else { return nil }
        self.init(
            task: TaskIdentity(region: region, client: client, schema: schema, table: table),
            runID: run,
            seenAt: seen,
            shape: shape
        )
    }

    fileprivate var values: [ColumnValue] {
        [
            .string(task.region), .string(task.client), .string(task.schema), .string(task.table),
            .timestamp(seenAt), .string(runID), .string(shape),
        ]
    }
}
