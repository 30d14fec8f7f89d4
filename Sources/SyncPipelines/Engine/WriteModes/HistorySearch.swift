import ColumnBatches
import DeltaTables
import IncrementalFilters
import SourceConnectors

/// Finds rows that the source no longer has by the history that it keeps of them.
///
/// The end of a version is the start of the statement that ended it, as the start of one is: a deletion that is committed
/// late has an early end, and what holds the mark back for rows holds it back for ends. So a key is gone when a version of it
/// ended at or past the mark and no row has it in the same snapshot.
///
/// One deletion leaves nothing: a statement that waited for a lock, and deletes a row that was inserted after it began, would
/// end the version before its start. The lake may have the row. It lies past the mark then, which that statement held back:
/// rows of the lake past the mark that the window does not show are looked for by their keys.
struct HistorySearch<Session: SourceSession> {
    /// What the history says.
    enum Answer: Sendable {
        /// The keys of rows that are gone, in the order of the key's columns.
        case gone(RowKeyTable)
        /// Only a comparison of all keys tells.
        case unknown
    }

    let plan: TaskPlan
    let history: RowHistory
    let editor: PartitionEditor
    /// Where the rows' window begins; nil where everything is read.
    let bound: Int64?
    /// Where the look for what is in flight begins.
    let probeBound: Int64
    private let previous: HistoryReading?
    private var probe: InFlightProbe
    /// The ends that the snapshot shows.
    private var ends: [Int64] = []
    /// The keys that the window shows.
    private var present = RowKeyTable()

    init(_ plan: TaskPlan, _ history: RowHistory, _ editor: PartitionEditor, bound: Int64?, probeBound: Int64)
    {
        self.plan = plan
        self.history = history
        self.editor = editor
        self.bound = bound
        self.probeBound = probeBound
        let mark = editor.transactions.previousMark
        // A witness past the mark, as after a restore, vouches for nothing between the two.
        previous = editor.transactions.previousHistory.flatMap { reading in
            (reading.end ?? .min) <= mark ?? .min ? reading : nil
        }
        // Each version is a row of its own: none hides another.
        probe = InFlightProbe(keys: plan.sourceKeys + [history.end], cursor: history.end)
    }

    /// The most queries that look for rows of the lake one by one.
    private static var lookups: Int { 100 }

    private var keyFields: [Field] {
        plan.sourceKeys.compactMap { key in plan.readFields.first { $0.name == key } }
    }

    private func query(_ versions: RowVersions, _ columns: [Field], from bound: Int64) -> ReadQuery {
        var query = plan.query(
            columns: columns,
            window: CursorWindow(
                column: history.end,
                type: .timestamp,
                lowerBound: bound,
                includesNulls: false
            )
        )
        query.versions = versions
        // A key that cannot be represented would be one that nobody misses.
        query.setsDefectsAside = false
        return query
    }

    private func ended(from bound: Int64) -> ReadQuery {
        let end = Field(history.end, .timestamp)
        return query(.ended(history), keyFields.filter { $0.name != history.end } + [end], from: bound)
    }

    /// Takes what uncommitted reads show of versions that ended; before the snapshot is opened.
    mutating func expect(in session: Session) async throws {
        for try await batch in try await session.rows(ended(from: probeBound), at: .uncommitted) {
            probe.expect(batch)
        }
    }

    /// Takes rows of the window.
    mutating func see(_ batch: ColumnBatch) {
        guard bound != nil else { return }
        present.insert(keysOf: plan.sourceKeys.compactMap { batch.column($0) }, rowCount: batch.rowCount)
    }

    /// Takes the versions that ended as the snapshot shows them, from the witness on.
    mutating func observe(in session: Session) async throws {
        let start = min(bound ?? probeBound, probeBound, previous?.end ?? .max)
        for try await batch in try await session.rows(ended(from: start), at: .snapshot) {
            try Task.checkCancellation()
            probe.observe(batch)
            guard case .int64(let times)? = batch.column(history.end)?.storage else { continue }
            ends += times
        }
    }

    /// The oldest end of a version that is in flight, or nil when there is none.
    var oldestInFlight: Int64? { probe.oldest }

    /// Why the history does not tell all deletions since the mark; nil where it does.
    var gap: String? {
        guard bound != nil else { return "everything is read again" }
        guard let previous else { return "the history is followed from now on" }
        if previous.origin != history.origin ?? 0 {
            return
                "the table was altered or made anew since the last mark, which may have taken its history away"
        }
        if let end = previous.end, !ends.contains(end) {
            return "the history from before the last mark is gone, and perhaps some of later"
        }
        return nil
    }

    /// What is to be kept with a mark.
    func reading(before mark: Int64) -> HistoryReading {
        HistoryReading(history, end: ends.filter { $0 <= mark }.max())
    }

    /// Whether nothing is kept yet by which the next run can go on.
    var isNew: Bool { editor.transactions.previousHistory == nil || gap != nil }

    /// The rows that are gone.
    func answer(in session: Session) async throws -> Answer {
        guard let bound else { return .unknown }
        var gone = RowKeyTable()
        if ends.contains(where: { $0 >= bound }) {
            let query = query(.gone(history, keys: plan.sourceKeys), keyFields, from: bound)
            for try await batch in try await session.rows(query, at: .snapshot) {
                try Task.checkCancellation()
                gone.insert(keysOf: batch.columns, rowCount: batch.rowCount)
            }
        }
        return try await addTraceless(to: &gone, from: bound, in: session) ? .gone(gone) : .unknown
    }

    /// Adds the keys of rows that were deleted without leaving a version; false where they cannot be looked for.
    private func addTraceless(
        to gone: inout RowKeyTable,
        from bound: Int64,
        in session: Session
    ) async throws -> Bool {
        guard let cursor = plan.lakeCursor else { return false }
        var suspects = RowKeyTable()
        var values: [[ColumnValue]] = []
        var words: [UInt64] = []
        let recent = try editor.lake.live(
            plan,
            of: editor.snapshot,
            columns: plan.lakeKeys,
            where: .compare(cursor, .greaterOrEqual, .timestamp(bound))
        )
        for try await batch in recent {
            let encoder = RowKeyEncoder(batch.columns)
            for row in 0..<batch.rowCount where encoder.encode(row: row, into: &words) == nil {
                guard present.find(words) == nil, gone.find(words) == nil, suspects.insert(words).isNew
                else { continue }
                values.append(batch.row(row))
            }
        }
        guard !values.isEmpty else { return true }
        let query = plan.query(columns: keyFields)
        guard
            let queries = KeyQueries.of(values, keys: plan.sourceKeys, masks: plan.task.masks, from: query),
            queries.count <= Self.lookups
        else { return false }
        var found = RowKeyTable()
        for query in queries {
            for try await batch in try await session.rows(query, at: .snapshot) {
                found.insert(keysOf: batch.columns, rowCount: batch.rowCount)
            }
        }
        for number in 0..<suspects.count where found.find(suspects.key(number)) == nil {
            _ = gone.insert(suspects.key(number))
        }
        return true
    }
}
