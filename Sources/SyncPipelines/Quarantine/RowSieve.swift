import ColumnBatches
import SourceConnectors
import SyncLedgers

/// Takes the rows that cannot be represented out of what a task reads, and keeps what is to be said of them.
///
/// It also notes which rows of the quarantine came by and can be represented by now.
struct RowSieve: Sendable {
    /// A row that was taken out.
    struct Finding: Sendable, Hashable {
        var key: [ColumnValue]
        var columns: [String]
        var rule: String
        var reason: String
        var version: String
    }

    /// Which rows of the source were read.
    enum Reach: Sendable, Hashable {
        /// Some, by their cursor or by a range of keys.
        case some
        /// Those whose keys have an open entry.
        case openKeys
        /// All of them.
        case all
    }

    private let task: SyncTask
    private let settings: QuarantineSettings?
    private let keyFields: [Field]
    /// The open entries that the task had when it began.
    let open: [QuarantineEntry]
    private var openKeys: KeyIndex
    /// Whether an open entry's key is one of the present key columns.
    private let isReadable: [Bool]
    /// The keys of the open entries, as far as they are of the present key columns.
    let openValues: Set<[ColumnValue]>
    private var cured: Set<Int> = []
    /// Rows that earlier attempts of the same load have read.
    var rowsBefore = 0
    private(set) var rowsRead = 0
    /// The rows that were taken out, by their keys as JSON.
    private(set) var findings: [String: Finding] = [:]

    /// Makes a sieve.
    ///
    /// - Parameters:
    ///   - plan: How the task's columns become those of the lake.
    ///   - open: The task's open entries.
    ///   - settings: How many rows may be set aside; nil for none.
    init(_ plan: TaskPlan, open: [QuarantineEntry], settings: QuarantineSettings?) {
        task = plan.task
        self.settings = settings
        let fields = plan.sourceKeys.compactMap { key in plan.readFields.first { $0.name == key } }
        keyFields = fields
        self.open = open
        let keys = open.map { SourceKey.values($0.key, fields: fields) }
        isReadable = keys.map { $0 != nil }
        openValues = Set(keys.compactMap(\.self))
        openKeys = KeyIndex(keys, fields: fields)
    }

    /// The task.
    var identity: TaskIdentity { task.identity }

    /// The rows of a batch that can be represented, and the others; nil where there are none.
    ///
    /// - Throws: `SourceError` where a key is what cannot be represented, `SyncError` with code `quarantine` where more
    ///   rows are set aside than may be.
    mutating func sift(_ batch: ColumnBatch) throws -> (sound: ColumnBatch, aside: ColumnBatch?) {
        rowsRead += batch.rowCount
        if batch.defects.isEmpty && openKeys.isEmpty { return (batch, nil) }
        let keys = keyFields.compactMap { batch.column($0.name) }
        var defects: [Int: [RowDefect]] = [:]
        for defect in batch.defects { defects[defect.row, default: []].append(defect) }
        var cured = cured
        openKeys.visit(keys, count: batch.rowCount) { row, position in
            if defects[row] == nil { cured.insert(position) }
        }
        self.cured = cured
        guard !defects.isEmpty else { return (batch, nil) }
        for (row, found) in defects { try setAside(row, of: batch, keys, found) }
        try checkRows()
        let positions = defects.keys.sorted()
        return (
            batch.rows((0..<batch.rowCount).filter { defects[$0] == nil }), batch.rows(positions)
        )
    }

    /// The rows of a batch whose keys have an open entry.
    mutating func openRows(of batch: ColumnBatch) -> ColumnBatch {
        var rows: [Int] = []
        let keys = keyFields.compactMap { batch.column($0.name) }
        openKeys.visit(keys, count: batch.rowCount) { row, _ in rows.append(row) }
        return batch.rows(rows)
    }

    /// Takes what another sieve of the same task found in other rows.
    mutating func join(_ other: RowSieve) {
        rowsRead += other.rowsRead
        cured.formUnion(other.cured)
        findings.merge(other.findings) { $1 }
    }

    /// Refuses where more rows were set aside than may be; to be asked when everything is read.
    ///
    /// - Throws: `SyncError` with code `quarantine`.
    func check() throws(SyncError) {
        try checkRows()
        guard let settings else { return }
        let read = rowsRead + rowsBefore
        guard read >= QuarantineSettings.shareCountsFrom,
            Double(count) > settings.maximumShare * Double(read)
        else { return }
        throw refusal(settings)
    }

    /// What is to be written down: before the commit what is set aside, and after it what is settled.
    ///
    /// - Parameters:
    ///   - reach: Which rows were read, so that one which did not come by is gone.
    ///   - run: The run.
    ///   - instant: The source's clock, in microseconds since 1970-01-01T00:00:00Z.
    ///   - older: The keys of which the lake has a version from before.
    /// - Returns: The entries to open, and those to close.
    func outcome(of reach: Reach, run: String, at instant: Int64, older: Set<String> = [])
        -> QuarantineOutcome
    {
        var outcome = QuarantineOutcome(instant: instant)
        for (key, finding) in findings.sorted(by: { $0.key < $1.key }) {
            outcome.setAside.append(
                QuarantineEntry(
                    task: task.identity,
                    key: key,
                    column: finding.columns.joined(separator: ", "),
                    rule: finding.rule,
                    reason: finding.reason,
                    rowVersion: finding.version,
                    runID: run,
                    seenAt: instant,
                    lakeHasOlderVersion: older.contains(key)
                )
            )
        }
        for (position, entry) in open.enumerated() where findings[entry.key] == nil {
            if cured.contains(position) {
                outcome.cured.append(entry)
            } else if reach == .all || (reach == .openKeys && isReadable[position]) {
                outcome.gone.append(entry)
            }
        }
        return outcome
    }

    /// The keys that were set aside and have no open entry yet, with their values.
    var newKeys: (texts: [String], values: [[ColumnValue]], fields: [Field]) {
        let known = Set(open.map(\.key))
        let new = findings.filter { !known.contains($0.key) }.sorted { $0.key < $1.key }
        return (new.map(\.key), new.map(\.value.key), keyFields)
    }

    /// The rows that count against the limits: a load that goes on counts those of its earlier attempts.
    private var count: Int {
        rowsBefore == 0 ? findings.count : Set(findings.keys).union(open.map(\.key)).count
    }

    /// Refuses where more rows were set aside than may be, whatever their share.
    ///
    /// - Throws: `SyncError` with code `quarantine`.
    func checkRows() throws(SyncError) {
        if let settings, count > settings.maximumRows { throw refusal(settings) }
    }

    private mutating func setAside(
        _ row: Int,
        of batch: ColumnBatch,
        _ keys: [Column],
        _ defects: [RowDefect]
    ) throws {
        let names = Set(keyFields.map(\.name))
        // Without a setting no row may be set aside, though a connector does so unasked.
        if let defect = defects.first(where: { settings == nil || names.contains($0.column) }) {
            throw SourceError(
                .unrepresentableValue,
                source: task.source,
                table: task.sourceTable,
                column: defect.column,
                message: settings == nil
                    ? defect.reason
                    : "\(defect.reason); the column is part of the key, so that the row cannot be set aside"
            )
        }
        let values = keys.map { $0[row] }
        guard let first = defects.first, !values.contains(.null) else {
            throw SyncError(
                .quarantine,
                step: "read",
                task: task.identity,
                message:
                    "a row that cannot be represented has no whole key by which it could be set aside; choose other key columns"
            )
        }
        let key = SourceKey.text(values, fields: keyFields)
        var text = RowText()
        text.set(batch.columns.filter { !$0.type.isNested }, row: row)
        findings[key] = Finding(
            key: values,
            columns: defects.map(\.column),
            rule: first.rule,
            reason: first.reason,
            version: RowChecksum(text.bytes).description
        )
    }

    private func refusal(_ settings: QuarantineSettings) -> SyncError {
        let first = findings.sorted { $0.key < $1.key }.prefix(3).map { key, finding in
            "column \(finding.columns.joined(separator: ", ")) of \(key): \(finding.reason)"
        }
        return SyncError(
            .quarantine,
            step: "read",
            task: task.identity,
            message:
                "\(count) of \(rowsRead + rowsBefore) rows so far cannot be represented, more than \"quarantine\" sets aside "
                + "(maxRows \(settings.maximumRows), maxShare \(settings.maximumShare)): "
                + first.joined(separator: "; ") + (findings.count > 3 ? "; …" : "")
                + "; correct the values at the source, give the columns another policy under \"columnValues\", or raise the limit"
        )
    }
}

/// What a task has to write down of rows that could not be represented.
struct QuarantineOutcome: Sendable, Hashable {
    /// Rows that are set aside.
    var setAside: [QuarantineEntry] = []
    /// Entries whose rows come into the lake now.
    var cured: [QuarantineEntry] = []
    /// Entries whose rows the source has no longer.
    var gone: [QuarantineEntry] = []
    /// The source's clock, in microseconds since 1970-01-01T00:00:00Z.
    var instant: Int64 = 0
}
