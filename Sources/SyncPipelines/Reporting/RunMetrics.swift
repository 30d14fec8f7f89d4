import Metrics

/// Counts what tasks do, for whatever collects the program's metrics.
///
/// The names are `sync.tasks` (by outcome), `sync.rows.read`, `sync.rows.inserted`, `sync.rows.updated`,
/// `sync.rows.deleted`, `sync.rows.staged`, `sync.rows.quarantined`, `sync.bytes.written`, `sync.retries`, `sync.task.seconds` and
/// `sync.mark.age.seconds`, each with the dimensions `region`, `client` and `table`.
enum RunMetrics {
    /// What each metric is.
    static let help = [
        "sync.tasks": "Tasks that ended, by outcome.",
        "sync.rows.read": "Rows that sources sent.",
        "sync.rows.inserted": "Rows that the lake did not have.",
        "sync.rows.updated": "Rows that replaced others in the lake.",
        "sync.rows.deleted": "Rows that left the lake.",
        "sync.rows.staged": "Changed rows that wait in the stage.",
        "sync.rows.quarantined": "Rows that cannot be represented and are set aside.",
        "sync.bytes.written": "Bytes of data files that were written.",
        "sync.retries": "Attempts beyond the first.",
        "sync.task.seconds": "How long tasks took, attempts and pauses included.",
        "sync.mark.age.seconds": "How far the mark lay behind the end of the task's last run.",
    ]

    /// Takes a task that has ended.
    static func record(_ task: TaskReport, finishedAt: Int64) {
        let dimensions = [
            ("region", task.region), ("client", task.client), ("table", "\(task.schema).\(task.table)"),
        ]
        func add(_ name: String, _ value: Int) {
            guard value > 0 else { return }
            Counter(label: name, dimensions: dimensions).increment(by: Int64(value))
        }
        Counter(label: "sync.tasks", dimensions: dimensions + [("outcome", task.outcome.rawValue)])
            .increment()
        add("sync.rows.read", task.rowsRead)
        add("sync.rows.inserted", task.rowsInserted)
        add("sync.rows.updated", task.rowsUpdated)
        add("sync.rows.deleted", task.rowsDeleted)
        add("sync.rows.staged", task.rowsStaged)
        add("sync.rows.quarantined", task.rowsQuarantined)
        add("sync.bytes.written", task.bytesWritten)
        add("sync.retries", task.attempts - 1)
        Recorder(label: "sync.task.seconds", dimensions: dimensions, aggregate: true).record(task.seconds)
        if let mark = task.mark {
            let age = Double(finishedAt - mark) / 1_000_000
            Gauge(label: "sync.mark.age.seconds", dimensions: dimensions).record(age)
        }
    }
}
