import ColumnBatches
import IncrementalFilters
import SourceConnectors

extension TaskRunner {
    /// Reads the rows of a range of time again; the mark stays, and nothing is deleted.
    func readRange(
        _ range: Range<Int64>,
        _ session: MaskedSession<Connector.Session>,
        _ plan: TaskPlan,
        _ cursor: Cursor,
        _ sink: ChangeSink,
        _ result: inout TaskResult
    ) async throws -> TaskRead {
        guard !cursor.isCounter && cursor.isColumn else {
            throw SyncError(
                .invalidConfiguration,
                step: "plan",
                task: task.identity,
                message:
                    "only a cursor of one column, a time, has a range of time, and it is \"\(cursor.name)\"; resync the "
                    + "table instead"
            )
        }
        func bound(_ time: Int64) -> ColumnValue {
            cursor.type == .timestamp ? .timestamp(time) : .timestampNTZ(time)
        }
        var query = plan.query()
        query.filters += [
            RowFilter(cursor.column, .greaterOrEqual, [bound(range.lowerBound)]),
            RowFilter(cursor.column, .less, [bound(range.upperBound)]),
        ]
        return try await readAgain([query], session, plan, sink, &result)
    }

    /// Reads the rows of some queries once more, all of them or only those that are set aside; the mark stays, and nothing
    /// is deleted.
    func readAgain(
        _ queries: [ReadQuery],
        onlyOpen: Bool = false,
        _ session: MaskedSession<Connector.Session>,
        _ plan: TaskPlan,
        _ sink: ChangeSink,
        _ result: inout TaskResult
    ) async throws -> TaskRead {
        for query in queries {
            for try await batch in try await session.rows(query, at: .snapshot) {
                try Task.checkCancellation()
                let rows = onlyOpen ? sink.sieve.openRows(of: batch) : batch
                result.counts.rowsRead += rows.rowCount
                tell(.read(rows.rowCount))
                try await sink.append(sink.patch(plan.conform(sink.sieve.sift(rows).sound)))
            }
        }
        if !queries.isEmpty {
            try await session.endSnapshot()
            result.notices = await session.takeNotices()
        }
        return TaskRead(
            rows: try await sink.finish(),
            mark: nil,
            reading: nil,
            evenIfUnchanged: false,
            staleRules: sink.staleRules,
            result: result
        )
    }
}
