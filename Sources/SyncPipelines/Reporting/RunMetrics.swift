import Metrics

/// Counts what tasks do, for whatever collects the program's metrics.
///
/// The names are `sync.tasks` (by outcome), `sync.rows.read`, `sync.rows.inserted`, `sync.rows.updated`,
/// `sync.rows.deleted`, `sync.rows.staged`, `sync.bytes.written`, `sync.retries`, `sync.task.seconds` and
/// `sync.mark.age.seconds`, each with the dimensions `region`, `client` and `table`.
enum RunMetrics {
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
        add("sync.bytes.written", task.bytesWritten)
        add("sync.retries", task.attempts - 1)
        Recorder(label: "sync.task.seconds", dimensions: dimensions, aggregate: true).record(task.seconds)
        if let mark = task.mark {
            let age = Double(finishedAt - mark) / 1_000_000
            Gauge(label: "sync.mark.age.seconds", dimensions: dimensions).record(age)
        }
    }
}
