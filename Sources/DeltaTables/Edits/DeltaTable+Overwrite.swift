public import ColumnBatches
public import DeltaLog

extension DeltaTable {
    /// Adds whole rows, each to its partition.
    ///
    /// - Parameters:
    ///   - batches: Rows with all columns of the table, those of partitions included.
    ///   - transaction: An application transaction to record in the same commit.
    /// - Returns: The version and the number of rows; the present version and 0 when there is none.
    /// - Throws: `DeltaTableError` when a batch does not fit the table; errors of the log and the store.
    public func append(
        rows batches: some AsyncSequence<ColumnBatch, any Error>,
        transaction: ApplicationTransaction? = nil
    ) async throws -> (version: TableVersion, rowCount: Int) {
        let snapshot = try await snapshot()
        return try await write(batches, over: nil, of: snapshot, transaction: transaction)
    }

    /// Replaces rows of the table, or all of them, by others in one commit.
    ///
    ///     try await table.overwrite(with: batches)
    ///     try await table.overwrite(with: batches, where: .equal("day", .date(20_000)))
    ///
    /// With a predicate only rows for which it is true go, and each new row must be one. A commit of others that touches
    /// the rows that go, or adds to them, is a conflict; with literal values of partition columns, only in those partitions.
    ///
    /// - Parameters:
    ///   - batches: The new rows, with all columns of the table.
    ///   - predicate: Which rows are replaced; nil replaces all.
    ///   - transaction: An application transaction to record in the same commit.
    /// - Returns: The version and the number of new rows, or of those that went, whichever is more.
    /// - Throws: `DeltaTableError` when a batch does not fit the table or a row the predicate; `DeltaLogError` with a
    ///   conflict when another commit touched the same rows.
    public func overwrite(
        with batches: some AsyncSequence<ColumnBatch, any Error>,
        where predicate: Predicate? = nil,
        transaction: ApplicationTransaction? = nil
    ) async throws -> (version: TableVersion, rowCount: Int) {
        let snapshot = try await snapshot()
        return try await write(batches, over: predicate ?? .and([]), of: snapshot, transaction: transaction)
    }

    /// Replaces rows of the table, or all of them, by others that are at hand.
    ///
    /// - SeeAlso: ``overwrite(with:where:transaction:)``
    public func overwrite(
        with batches: [ColumnBatch],
        where predicate: Predicate? = nil,
        transaction: ApplicationTransaction? = nil
    ) async throws -> (version: TableVersion, rowCount: Int) {
        try await overwrite(with: AtHand(batches), where: predicate, transaction: transaction)
    }

    /// Adds whole rows that are at hand, each to its partition.
    ///
    /// - SeeAlso: ``append(rows:transaction:)``
    public func append(rows batches: [ColumnBatch], transaction: ApplicationTransaction? = nil) async throws
        -> (version: TableVersion, rowCount: Int)
    {
        try await append(rows: AtHand(batches), transaction: transaction)
    }

    private func write(
        _ batches: some AsyncSequence<ColumnBatch, any Error>,
        over predicate: Predicate?,
        of snapshot: Snapshot,
        transaction: ApplicationTransaction?
    ) async throws -> (version: TableVersion, rowCount: Int) {
        let schema = try schema(of: snapshot)
        let isWhole = predicate == .and([])
        var edit = RowEdit(self, snapshot, operation: "WRITE", reading: isWhole ? nil : predicate)
        edit.set("mode", predicate == nil ? "Append" : "Overwrite")
        if predicate == nil { edit.readsNothing() }
        edit.record(transaction)
        return try await edit.perform { edit throws in
            if isWhole {
                edit.removeAll()
            } else if let predicate {
                try await edit.removeRows(where: predicate)
            }
            for try await batch in batches {
                if let predicate, !isWhole { try check(batch, predicate, schema) }
                try await edit.add(batch, schema)
                // Rows of a predicate go one by one, so that those which come have to be named as well.
                if predicate != nil && !isWhole { try await edit.record(batch, .insert, schema) }
                edit.newRows += batch.rowCount
            }
            edit.note("numOutputRows", edit.newRows)
        }
    }

    /// Refuses rows that a later overwrite with the same predicate would not find.
    private func check(_ batch: ColumnBatch, _ predicate: Predicate, _ schema: TableSchema) throws {
        for name in predicate.columns.sorted() where batch.values(of: name) == nil { throw noColumn(name) }
        guard predicate.rows(of: batch).count == batch.rowCount else {
            throw DeltaTableError(
                .constraintViolated,
                table: path,
                message: "a new row is not one of those that are replaced: \(predicate.sql)"
            )
        }
    }
}

/// Batches that are in memory, as a sequence that might throw.
private struct AtHand: AsyncSequence {
    struct AsyncIterator: AsyncIteratorProtocol {
        var batches: IndexingIterator<[ColumnBatch]>

        mutating func next() async throws -> ColumnBatch? { batches.next() }
    }

    let batches: [ColumnBatch]

    init(_ batches: [ColumnBatch]) { self.batches = batches }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(batches: batches.makeIterator()) }
}
