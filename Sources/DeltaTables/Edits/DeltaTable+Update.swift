public import ColumnBatches
public import DeltaLog

extension DeltaTable {
    /// Sets columns of the rows for which a predicate is true.
    ///
    ///     try await table.update(where: .equal("id", .integer(7)), set: ["note": .string("checked")])
    ///
    /// Where the table has `delta.enableDeletionVectors` the old rows are marked and only the new ones written, else the
    /// files that hold such rows are written anew. A row whose partition columns are set moves.
    ///
    /// - Parameters:
    ///   - predicate: Which rows.
    ///   - values: The new values by column.
    /// - Returns: The version and the number of rows; the present version and 0 when there is no such row.
    /// - Throws: `DeltaTableError` when there is no such column or a value does not fit it; `DeltaLogError` with a conflict
    ///   when another commit touched the same rows.
    public func update(where predicate: Predicate, set values: [String: ColumnValue]) async throws -> (
        version: TableVersion, rowCount: Int
    ) {
        let schema = try self.schema(of: try await snapshot())
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard let field = schema.field(name) else { throw noColumn(name) }
            guard field.type.holds(value) else {
                throw DeltaTableError(
                    .schemaMismatch,
                    table: path,
                    column: name,
                    message: "\(value) is not a \(field.type)"
                )
            }
        }
        return try await update(where: predicate) { batch in
            var columns: [String: Column] = [:]
            for (name, value) in values {
                guard let type = batch.column(name)?.type else { continue }
                columns[name] = .repeating(value, type: type, count: batch.rowCount)
            }
            return columns
        }
    }

    /// Sets columns of the rows for which a predicate is true to what a closure makes of each batch of them.
    ///
    ///     try await table.update(where: .isNull("total")) { batch in
    ///         ["total": total(of: batch.column("parts"))]
    ///     }
    ///
    /// - Parameters:
    ///   - predicate: Which rows.
    ///   - change: Takes rows with all columns of the table, and returns new columns for them by name, of the same types.
    /// - Returns: The version and the number of rows; the present version and 0 when there is no such row.
    /// - Throws: `DeltaTableError` when a column does not fit the table; `DeltaLogError` with a conflict when another commit
    ///   touched the same rows; what the closure throws.
    public func update(
        where predicate: Predicate,
        _ change: @escaping (ColumnBatch) async throws -> [String: Column]
    ) async throws -> (version: TableVersion, rowCount: Int) {
        let snapshot = try await snapshot()
        var edit = RowEdit(self, snapshot, operation: "UPDATE", reading: predicate)
        return try await edit.perform { edit throws in
            try await edit.removeRows(where: predicate) { batch in
                try replacing(try await change(batch), in: batch)
            }
            edit.note("numUpdatedRows", edit.removedRows)
        }
    }

    private func replacing(_ columns: [String: Column], in batch: ColumnBatch) throws -> ColumnBatch {
        var all = batch.columns
        for (name, column) in columns.sorted(by: { $0.key < $1.key }) {
            guard let index = batch.schema.index(of: name) else { throw noColumn(name) }
            guard column.type == all[index].type, column.count == batch.rowCount else {
                throw DeltaTableError(
                    .schemaMismatch,
                    table: path,
                    column: name,
                    message:
                        "\(column.count) values of the type \(column.type) cannot stand for \(batch.rowCount) "
                        + "of the type \(all[index].type)"
                )
            }
            all[index] = column
        }
        return ColumnBatch(schema: batch.schema, columns: all, rowCount: batch.rowCount)
    }

    func noColumn(_ name: String) -> DeltaTableError {
        DeltaTableError(.schemaMismatch, table: path, column: name, message: "the table has no such column")
    }
}

extension ColumnType {
    /// Whether a column of this type can hold a value.
    func holds(_ value: ColumnValue) -> Bool {
        switch (self, value) {
        case (_, .null), (.boolean, .boolean), (.int64, .integer), (.float, .float), (.double, .double),
            (.date, .date), (.timestamp, .timestamp), (.timestampNTZ, .timestampNTZ), (.string, .string),
            (.binary, .binary):
            return true
        case (.int8, .integer(let number)): return Int8(exactly: number) != nil
        case (.int16, .integer(let number)): return Int16(exactly: number) != nil
        case (.int32, .integer(let number)): return Int32(exactly: number) != nil
        case (.decimal(let precision, let scale), .decimal(let unscaled, let other)):
            return scale == other && String(unscaled.magnitude).utf8.count <= precision
        case (.list(let element), .list(let values)): return values.allSatisfy { element.type.holds($0) }
        case (.structure(let fields), .structure(let values)):
            return fields.count == values.count && zip(fields, values).allSatisfy { $0.type.holds($1) }
        case (.map(let key, let value), .map(let pairs)):
            return pairs.allSatisfy {
                $0.key != .null && key.type.holds($0.key) && value.type.holds($0.value)
            }
        default: return false
        }
    }
}
