import DeltaTables

/// Something that is done to tasks beside bringing what changed: planned first, then run by the plan's id.
public enum LakeOperation: Sendable, Hashable, Codable {
    /// The rows and the marks of tasks leave the lake; the next run loads them anew.
    case reset
    /// Everything is read again and merged; rows that the source no longer has go, as the table says.
    case resync
    /// Rows whose cursor is at or past the first instant and before the second are read again and merged; marks stay.
    ///
    /// Both in microseconds since 1970-01-01T00:00:00Z.
    case backfill(from: Int64, to: Int64)
    /// The rows and the marks of clients go from another region to the one that the roster names.
    case move(from: String)

    /// The operation in words.
    public var description: String {
        switch self {
        case .reset: "reset"
        case .resync: "resync"
        case .backfill(let from, let to):
            "backfill \(CalendarText.instant(from, digits: 0))Z to \(CalendarText.instant(to, digits: 0))Z"
        case .move(let region): "move from region \(region)"
        }
    }

    /// What becomes of a task that it was done to.
    var outcome: TaskOutcome {
        switch self {
        case .reset: .reset
        case .resync: .resynced
        case .backfill: .backfilled
        case .move: .moved
        }
    }
}
