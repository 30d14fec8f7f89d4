import ColumnBatches
public import DeltaLog

extension DeltaTable {
    /// Adds columns at the end of the schema; existing rows have no value in them.
    ///
    /// - Parameters:
    ///   - schema: The present columns, unchanged, then new nullable ones.
    ///   - snapshot: The state that the schema was made from.
    /// - Returns: The version of the commit; the present one when no column is new.
    /// - Throws: `DeltaLogError` with a conflict when another commit changed the metadata meanwhile.
    public func extend(to schema: TableSchema, from snapshot: Snapshot) async throws -> TableVersion {
        let present = try self.schema(of: snapshot)
        guard Array(schema.fields.prefix(present.fields.count)) == present.fields,
            schema.fields.dropFirst(present.fields.count).allSatisfy(\.isNullable)
        else {
            throw DeltaTableError(
                .schemaMismatch,
                table: path,
                message: "columns can only be added, nullable and at the end"
            )
        }
        let new = try schema.structType(of: path).fields.dropFirst(present.fields.count)
        return try await alter(new.map { .addColumn($0) }, from: snapshot)
    }
}
