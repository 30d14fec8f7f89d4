import ColumnBatches
import IncrementalFilters
import SourceConnectors

/// Looks for rows in flight before a load: what uncommitted reads show and a snapshot opened after them does not.
///
/// Every chunk of the load sees at least what those snapshots see. Where many rows were written lately, they are looked at
/// range by range, so that memory has a bound.
struct LoadProbe {
    let plan: TaskPlan
    let cursor: Cursor
    let policy: MarkPolicy
    let signals: MarkSignals
    /// The places that the load is cut by.
    let ranges: LoadPlan

    /// The rows that are kept at once, about.
    private static var rowLimit: Int { 150_000 }

    /// The oldest cursor of a row in flight, or nil when there is none.
    func oldestInFlight(in session: some RangedSession) async throws -> Int64? {
        var probe = makeProbe()
        let query = query()
        for try await batch in try await session.rows(query, at: .uncommitted) {
            try Task.checkCancellation()
            probe.expect(batch)
            if probe.count > Self.rowLimit { return try await rangeByRange(in: session) }
        }
        return try await oldest(probe, query, in: session)
    }

    private func rangeByRange(in session: some RangedSession) async throws -> Int64? {
        var oldest: Int64?
        var next = 0
        while next <= ranges.bounds.count {
            var probe = makeProbe()
            let first = next
            // As many ranges as the limit allows: they are read one after the other.
            while next <= ranges.bounds.count && (next == first || probe.count < Self.rowLimit / 2) {
                for try await batch in try await session.rows(query(next..<next + 1), at: .uncommitted) {
                    try Task.checkCancellation()
                    probe.expect(batch)
                }
                next += 1
            }
            if let found = try await self.oldest(probe, query(first..<next), in: session) {
                oldest = min(oldest ?? found, found)
            }
        }
        return oldest
    }

    private func oldest(_ probe: InFlightProbe, _ query: ReadQuery, in session: some RangedSession)
        async throws
        -> Int64?
    {
        var probe = probe
        if probe.count > 0 {
            for try await batch in try await session.rows(query, at: .snapshot) {
                try Task.checkCancellation()
                probe.observe(batch)
            }
            try await session.endSnapshot()
        }
        _ = await session.takeNotices()  // the rows that count are read later
        return probe.oldest
    }

    /// An open transaction may hold a row that carries the cursor of its committed version: rows are compared then.
    private var comparesRows: Bool { signals.oldestWriter != nil }

    private func makeProbe() -> InFlightProbe {
        InFlightProbe(
            keys: plan.sourceKeys,
            cursor: cursor.columns,
            comparing: comparesRows ? plan.readFields.map(\.name) : []
        )
    }

    /// The query of some ranges, the one after the last place among them; without, of all rows.
    private func query(_ numbers: Range<Int>? = nil) -> ReadQuery {
        let fields =
            plan.readFields.filter {
                comparesRows || cursor.columns.contains($0.name) || plan.sourceKeys.contains($0.name)
            } + plan.computedFields
        let window = cursor.window(
            from: policy.probeBound(previous: nil, signals: signals, cursor: cursor),
            includesNulls: false
        )
        let bounds = ranges.bounds
        let range = numbers.map { numbers in
            KeyRange(
                key: ranges.key,
                after: numbers.lowerBound == 0 ? nil : bounds[numbers.lowerBound - 1],
                through: numbers.upperBound > bounds.count ? nil : bounds[numbers.upperBound - 1]
            )
        }
        return plan.query(columns: fields, window: window, range: range)
    }
}
