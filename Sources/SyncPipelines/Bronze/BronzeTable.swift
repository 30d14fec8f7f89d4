import ColumnBatches
import DeltaLog
import DeltaTables

/// The append-only table beside a lake table: every row as it was about to come, with the run that brought it.
///
/// Besides the columns of the lake table and those of `LineageColumn` it has `_kind` (`base`, `change`, `delete`),
/// `_landing` (the number of the piece of a run that landed together), `_follows` (the landing that the lake table held
/// when this one was made; 0 where it begins anew), `_definition` (the digest of the task's definition) and `_mark`. The
/// landings that came into the lake table are a chain: what a run landed and did not commit is on no chain.
enum BronzeTable {
    /// What a row is.
    enum Kind: String, Sendable {
        /// What the lake table held when bronze began, or after others had changed it.
        case base
        /// A row that is new or changed.
        case change
        /// The key of a row that is gone.
        case delete
    }

    static let kind = Field("_kind", .string)
    static let landing = Field("_landing", .int64)
    static let follows = Field("_follows", .int64)
    static let definition = Field("_definition", .string)
    static let mark = Field("_mark", .int64)

    /// The columns that are no columns of the lake table, unless that has some of them too.
    static let ownFields =
        LineageColumn.allCases.map(\.field) + [kind, landing, follows, definition, mark]

    /// The columns of the bronze table of a lake table.
    static func schema(for lake: TableSchema) -> TableSchema {
        let partition = lake.fields.filter { lake.partitionColumns.contains($0.name) }
        var data = lake.dataFields.map { Field($0.name, $0.type) }
        for field in ownFields where !data.contains(where: { $0.name == field.name }) { data.append(field) }
        return TableSchema(fields: partition + data, partitionColumns: lake.partitionColumns)
    }

    /// Makes the bronze table of a lake table, or adds columns that the lake table has got.
    ///
    /// - Throws: Errors of the table; `SyncError` when something else lies there.
    static func prepare(_ table: DeltaTable, for lake: TableSchema) async throws {
        let wanted = schema(for: lake)
        let own = [kind, landing, follows, definition, mark].map(\.name)
        if let taken = lake.fields.first(where: { own.contains($0.name.lowercased()) }) {
            throw SyncError(
                .invalidConfiguration,
                message:
                    "the column \"\(taken.name)\" has the name of a column of the bronze table; map it to another name under "
                    + "\"columnMap\", such as \"source\(taken.name)\""
            )
        }
        var attempt = 0
        while true {
            attempt += 1
            do {
                guard try await table.exists() else {
                    _ = try await table.create(schema: wanted)
                    return
                }
                let snapshot = try await table.snapshot()
                var schema = try table.schema(of: snapshot)
                guard schema.partitionColumns == lake.partitionColumns, schema.field(landing.name) != nil
                else {
                    throw SyncError(
                        .invalidConfiguration,
                        message:
                            "the table \(table.path) is not the bronze table of this one; name another one under \"bronze\""
                    )
                }
                let missing = wanted.dataFields.filter { schema.field($0.name) == nil }
                guard !missing.isEmpty else { return }
                schema.fields += missing.map { Field($0.name, $0.type) }
                _ = try await table.extend(to: schema, from: snapshot)
            } catch let error as DeltaLogError where error.isConflict && attempt < 5 {
                continue  // another process prepared it: look again
            }
        }
    }
}
