/// A row of a source that could not be represented in the lake.
public struct QuarantineEntry: Sendable, Hashable {
    /// What has become of the row.
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// It is not in the lake as the source has it.
        case open
        /// It came into the lake.
        case cured
        /// The source has it no longer, or the task's filters leave it out.
        case gone
    }

    /// The task that read the row.
    public var task: TaskIdentity
    /// The row's key as a JSON object, by the columns' names in the source: `{"id":7}`.
    public var key: String
    /// The columns whose values could not be represented, by their names in the source.
    public var column: String
    /// The rule that the first of them was against.
    public var rule: String
    /// What is wrong with the first of them and what to do; names no value.
    public var reason: String
    /// A checksum of what else the row holds: another version of the row has another one.
    public var rowVersion: String
    /// The run that wrote the entry last.
    public var runID: String
    /// When the row was first set aside, in microseconds since 1970-01-01T00:00:00Z by the source's clock.
    public var firstSeen: Int64
    /// When the entry was last written, by the same clock.
    public var lastSeen: Int64
    /// What has become of the row.
    public var state: State
    /// Whether the lake has a version of the row from before; it stays as it was.
    public var lakeHasOlderVersion: Bool

    /// Makes an open entry that was seen once.
    public init(
        task: TaskIdentity,
        key: String,
        column: String,
        rule: String,
        reason: String,
        rowVersion: String,
        runID: String,
        seenAt: Int64,
        lakeHasOlderVersion: Bool = false
    ) {
        self.task = task
        self.key = key
        self.column = column
        self.rule = rule
        self.reason = reason
        self.rowVersion = rowVersion
        self.runID = runID
        firstSeen = seenAt
        lastSeen = seenAt
        state = .open
        self.lakeHasOlderVersion = lakeHasOlderVersion
    }
}

extension [QuarantineEntry] {
    /// The entries of a task once some rows are set aside: one for each key, and none changed by the same row again.
    func opening(_ rows: [QuarantineEntry]) -> [QuarantineEntry] {
        var entries = self
        var places = Dictionary(entries.indices.map { (entries[$0].key, $0) }) { first, _ in first }
        for row in rows {
            guard let index = places[row.key] else {
                places[row.key] = entries.count
                entries.append(row)
                continue
            }
            let known = entries[index]
            guard known.state == .open else {
                entries[index] = row
                continue
            }
            if known.isSameDefect(as: row) { continue }
            entries[index] = row
            entries[index].firstSeen = known.firstSeen
            entries[index].lakeHasOlderVersion = known.lakeHasOlderVersion || row.lakeHasOlderVersion
        }
        return entries
    }

    /// The entries of a task once some have been settled.
    ///
    /// An entry that another run has written since it was looked at stays as it is: that run saw a later version of
    /// the row, which nothing here brought.
    func closing(
        _ settled: [QuarantineEntry],
        as state: QuarantineEntry.State,
        run: String,
        at instant: Int64
    ) -> [QuarantineEntry] {
        let settled = Set(settled)
        return map { entry in
            guard entry.state == .open, settled.contains(entry) else { return entry }
            var entry = entry
            entry.state = state
            entry.runID = run
            entry.lastSeen = instant
            return entry
        }
    }
}

extension QuarantineEntry {
    fileprivate func isSameDefect(as other: QuarantineEntry) -> Bool {
        rowVersion == other.rowVersion && column == other.column && rule == other.rule
            && reason == other.reason
    }
}
