import ColumnBatches
import SourceConnectors

/// A connector whose rows have the masks of one task on; the only way by which a pipeline reads rows.
struct MaskingConnector<Base: SourceConnector>: SourceConnector {
    let base: Base
    let masks: RowMasks?

    init(_ base: Base, for task: SyncTask) throws(SyncError) {
        guard task.template.mask.isEmpty || task.masks != nil else {
            throw SyncError(
                .missingSecret,
                task: task.identity,
                message: "the task's masks are not there; make tasks by the pipeline"
            )
        }
        self.base = base
        masks = task.masks
    }

    func withSession<Result: Sendable>(
        for source: Source,
        _ body: sending (MaskedSession<Base.Session>) async throws -> Result
    ) async throws -> Result {
        let masks = masks
        return try await base.withSession(for: source) { session in
            try await body(MaskedSession(base: session, masks: masks))
        }
    }
}

/// A session that puts masks on before anybody sees a row.
struct MaskedSession<Base: SourceSession>: SourceSession {
    let base: Base
    let masks: RowMasks?

    func describe(_ table: TableName) async throws -> TableDescription? {
        try await describe(table, policies: ValuePolicies())
    }

    func describe(_ table: TableName, policies: ValuePolicies) async throws -> TableDescription? {
        guard let description = try await base.describe(table, policies: policies) else { return nil }
        return try masks?.applied(to: description) ?? description
    }

    func describeShape(of table: TableName, policies: ValuePolicies) async throws -> TableDescription? {
        guard let description = try await base.describeShape(of: table, policies: policies) else {
            return nil
        }
        return try masks?.applied(to: description) ?? description
    }

    func signals() async throws -> MarkSignals { try await base.signals() }

    func signals(since instant: ContinuousClock.Instant) async throws -> MarkSignals {
        try await base.signals(since: instant)
    }

    /// Conditions are on clear values, masked or not.
    func mayHaveRows(_ query: ReadQuery) async throws -> Bool { try await base.mayHaveRows(query) }

    func counter(_ column: String, of table: TableName) async throws -> Int64? {
        try await base.counter(column, of: table)
    }

    func candidate(for expression: CursorExpression, of table: TableName) async throws -> CursorCandidate? {
        try await base.candidate(for: expression, of: table)
    }

    func rows(_ query: ReadQuery, at consistency: ReadConsistency) async throws -> MaskedRows<Base.Rows> {
        guard let masks, isMasked(query) else {
            return MaskedRows(base: try await base.rows(query, at: consistency), masks: nil, fields: [])
        }
        var clear = query
        let description = try await base.describeShape(of: query.table, policies: query.policies)
        for index in clear.columns.indices {
            let name = clear.columns[index].name
            guard masks.mask(name) != nil, let type = description?.column(name)?.type else { continue }
            clear.columns[index].type = type
        }
        // The order of clear values, and the buckets they fall into, would tell of them.
        if clear.order.contains(where: { masks.mask($0) != nil }) { clear.order = [] }
        if let keys = clear.buckets?.rule.keys, keys.contains(where: { masks.mask($0) != nil }) {
            clear.buckets = nil
        }
        return MaskedRows(
            base: try await base.rows(clear, at: consistency),
            masks: masks,
            fields: query.columns
        )
    }

    func digests(
        of query: ReadQuery,
        by rule: BucketRule,
        at consistency: ReadConsistency
    ) async throws -> BucketDigests {
        guard isMasked(query) else { return try await base.digests(of: query, by: rule, at: consistency) }
        var digests = BucketDigests(rule: rule)
        for try await batch in try await rows(query, at: consistency) { digests.add(batch) }
        return digests
    }

    func endSnapshot() async throws { try await base.endSnapshot() }

    func takeNotices() async -> [ValueNotice] { await base.takeNotices() }

    private func isMasked(_ query: ReadQuery) -> Bool {
        guard let masks else { return false }
        return (query.columns.map(\.name) + query.order).contains { masks.mask($0) != nil }
    }
}

extension MaskedSession: RangedSession where Base: RangedSession {
    func bounds(of table: TableName, by key: [String], every rows: Int) async throws -> [KeyBound]? {
        // The places are kept in the lake while a load is not complete: those of a masked key would tell of it.
        if let masks, key.contains(where: { masks.mask($0) != nil }) { return nil }
        return try await base.bounds(of: table, by: key, every: rows)
    }

    func withReaders(
        _ count: Int,
        of table: TableName,
        feel: @escaping @Sendable (SourcePressure) async -> Void,
        _ read: @escaping @Sendable (Int, MaskedSession<Base>, SnapshotAgreement) async throws -> Void
    ) async throws {
        let masks = masks
        try await base.withReaders(count, of: table, feel: feel) { number, reader, agreement in
            try await read(number, MaskedSession(base: reader, masks: masks), agreement)
        }
    }
}

/// Rows with masks on, batch by batch.
struct MaskedRows<Base: AsyncSequence>: AsyncSequence where Base.Element == ColumnBatch {
    let base: Base
    let masks: RowMasks?
    /// The columns as they are asked for.
    let fields: [Field]

    struct AsyncIterator: AsyncIteratorProtocol {
        var base: Base.AsyncIterator
        let masks: RowMasks?
        let fields: [Field]

        mutating func next(isolation actor: isolated (any Actor)?) async throws -> ColumnBatch? {
            guard let batch = try await base.next(isolation: actor) else { return nil }
            guard let masks else { return batch }
            let columns = zip(fields, batch.columns).map { field, column in
                masks.mask(field.name) == nil ? column : masks.masked(column, named: field.name)
            }
            return ColumnBatch(
                schema: BatchSchema(fields),
                columns: columns,
                rowCount: batch.rowCount,
                defects: batch.defects
            )
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: base.makeAsyncIterator(), masks: masks, fields: fields)
    }
}
