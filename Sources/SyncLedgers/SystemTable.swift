import DeltaLog
import DeltaTables
import ObjectStores

/// A table that the product keeps for itself beside the data, made when it is first written.
struct SystemTable: Sendable {
    let table: DeltaTable
    let schema: TableSchema

    /// The newest snapshot, or nil when the table is not there yet.
    func snapshot() async throws -> Snapshot? {
        try await table.exists() ? try await table.snapshot() : nil
    }

    /// The newest snapshot; the table is made if it is missing, by this process or another one.
    func snapshotMakingTable() async throws -> Snapshot {
        if let snapshot = try await snapshot() { return snapshot }
        do {
            return try await table.create(schema: schema)
        } catch {
            if let snapshot = try await snapshot() { return snapshot }
            throw error
        }
    }
}
