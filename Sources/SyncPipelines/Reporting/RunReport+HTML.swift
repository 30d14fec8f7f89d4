import DeltaTables
import FoundationEssentials
import SourceConnectors

extension RunReport {
    /// The report as one HTML page that needs nothing else: readable on a phone, in the light and in the dark.
    public var html: String { HTMLReport(report: self).page }
}

/// The parts of the page.
private struct HTMLReport: HTMLPage {
    let report: RunReport

    /// The most bars of the chart; the longest tasks are shown.
    private static let barCount = 300

    var page: String {
        let state = report.succeeded ? "succeeded" : "failed"
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>Run \(escape(String(report.runID.prefix(8)))) \(state)</title>
            <style>\(Self.style)</style></head><body><main>
            <h1><span class="dot \(report.succeeded ? "ok" : "bad")"></span>Run \(escape(String(report.runID.prefix(8)))) \(state)</h1>
            <p class="sub">\(time(report.startedAt)) – \(time(report.finishedAt)), regions \(escape(report.regions))\(report.rosterNote.map { "; " + escape($0) } ?? "")</p>
            \(cards)\(failures)\(chart)\(slowest)\(marks)\(notes)\(allTasks)
            </main></body></html>

            """
    }

    // MARK: Parts

    private var cards: String {
        let tasks = report.tasks
        func sum(_ path: KeyPath<TaskReport, Int>) -> String {
            number(tasks.reduce(0) { $0 + $1[keyPath: path] })
        }
        let retries = tasks.reduce(0) { $0 + $1.attempts - 1 }
        var cards: [(String, String)] = [
            (duration(report.finishedAt.timeIntervalSince(report.startedAt)), "duration"),
            (number(tasks.count), "tasks"), (number(tasks.count { $0.outcome == .failed }), "failed"),
            (sum(\.rowsRead), "rows read"), (sum(\.rowsInserted), "new"), (sum(\.rowsUpdated), "changed"),
            (sum(\.rowsDeleted), "gone"), (bytes(tasks.reduce(0) { $0 + $1.bytesWritten }), "written"),
            (number(retries), "retries"),
        ]
        let staged = tasks.reduce(0) { $0 + $1.rowsStaged }
        if staged > 0 { cards.append((number(staged), "rows staged")) }
        let quarantined = tasks.reduce(0) { $0 + $1.rowsQuarantined }
        if quarantined > 0 { cards.append((number(quarantined), "rows set aside")) }
        if report.tasksNotStarted > 0 { cards.append((number(report.tasksNotStarted), "not started")) }
        return "<div class=\"cards\">"
            + cards.map { "<div><b>\($0.0)</b><span>\($0.1)</span></div>" }.joined() + "</div>"
    }

    private var failures: String {
        var items = report.tasks.filter { $0.outcome == .failed }.map { task in
            "<li><b>\(name(task))</b> after \(task.attempts == 1 ? "one attempt" : "\(task.attempts) attempts"): \(escape(task.error?.message ?? ""))</li>"
        }
        if let error = report.bookkeepingError { items.append("<li><b>ledger</b>: \(escape(error))</li>") }
        return items.isEmpty ? "" : "<h2>What failed</h2><ul class=\"failures\">\(items.joined())</ul>"
    }

    private var chart: String {
        guard !report.tasks.isEmpty else { return "" }
        let whole = max(report.tasks.map { $0.startedAfter + $0.seconds }.max() ?? 0, 0.001)
        let shown = report.tasks.sorted { $0.seconds > $1.seconds }.prefix(Self.barCount)
            .sorted { ($0.startedAfter, $0.client) < ($1.startedAfter, $1.client) }
        let bars = shown.map { task in
            let left = percent(task.startedAfter / whole)
            let width = percent(max(task.seconds / whole, 0.002))
            let title =
                "\(name(task)): \(task.outcome.rawValue), \(duration(task.seconds)), \(number(task.rowsRead)) rows read, "
                + "\(bytes(task.bytesWritten)) written, \(task.attempts - 1) retries"
            return "<div class=\"bar\" title=\"\(title)\"><span class=\"name\">\(name(task))</span>"
                + "<span class=\"track\"><i class=\"\(task.outcome.rawValue)\(task.attempts > 1 ? " again" : "")\" "
                + "style=\"left:\(left);width:\(width)\"></i></span><span class=\"took\">\(duration(task.seconds))</span></div>"
        }
        let rest = report.tasks.count - shown.count
        let legend = TaskOutcome.allCases.filter { outcome in report.tasks.contains { $0.outcome == outcome }
        }
        .map { "<span><i class=\"\($0.rawValue)\"></i>\($0.rawValue)</span>" }.joined()
        return "<h2>Tasks in time</h2><p class=\"legend\">\(legend)</p><div class=\"gantt\">\(bars.joined())"
            + "<div class=\"axis\"><span>0</span><span>\(duration(whole / 2))</span><span>\(duration(whole))</span></div></div>"
            + (rest > 0
                ? "<p class=\"sub\">The longest \(shown.count) of \(report.tasks.count) tasks.</p>" : "")
    }

    private var slowest: String {
        var byClient: [String: (seconds: Double, rows: Int, bytes: Int, retries: Int, tasks: Int)] = [:]
        for task in report.tasks {
            let key = "\(task.region)/\(task.client)"
            var sum = byClient[key] ?? (0, 0, 0, 0, 0)
            sum.seconds += task.seconds
            sum.rows += task.rowsRead
            sum.bytes += task.bytesWritten
            sum.retries += task.attempts - 1
            sum.tasks += 1
            byClient[key] = sum
        }
        let rows = byClient.sorted { ($1.value.seconds, $0.key) < ($0.value.seconds, $1.key) }.prefix(10).map
        {
            [
                escape($0.key), number($0.value.tasks), duration($0.value.seconds), number($0.value.rows),
                bytes($0.value.bytes), number($0.value.retries),
            ]
        }
        return "<h2>Slowest clients</h2>"
            + table(["client", "tasks", "time", "rows read", "written", "retries"], rows)
    }

    private var marks: String {
        let marked = report.tasks.filter { $0.mark != nil }.sorted {
            ($0.mark ?? 0, $0.client) < ($1.mark ?? 0, $1.client)
        }
        guard !marked.isEmpty else { return "" }
        let rows = marked.map { task in
            let mark = task.mark ?? 0
            let age = Double(report.finishedAt.microseconds - mark) / 1_000_000
            return [
                name(task), CalendarText.instant(mark, digits: 0) + "Z", duration(max(age, 0)),
                escape(task.guarantee ?? ""), escape(task.markHeldBy ?? ""),
            ]
        }
        return "<h2>Marks, the oldest first</h2>" + folded(["task", "mark", "age", "worth", "held by"], rows)
    }

    private var notes: String {
        var places: [String: [String]] = [:]
        for task in report.tasks {
            for warning in task.warnings { places[warning, default: []].append(name(task)) }
            for drift in task.drift {
                places["\(drift.text) (\(drift.action.rawValue))", default: []].append(name(task))
            }
            for value in task.values {
                places["\(value.count) values of column \(value.column) by \(value.rule)", default: []]
                    .append(name(task))
            }
        }
        guard !places.isEmpty else { return "" }
        let rows = places.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.map { text, tasks in
            [
                escape(text), number(tasks.count),
                tasks.prefix(3).joined(separator: ", ") + (tasks.count > 3 ? ", …" : ""),
            ]
        }
        return "<h2>Drift and notes</h2>" + folded(["note", "tasks", "where"], rows)
    }

    private var allTasks: String {
        let rows = report.tasks.map { task in
            [
                name(task), "<i class=\"tag \(task.outcome.rawValue)\">\(task.outcome.rawValue)</i>",
                number(task.rowsRead),
                number(task.rowsInserted), number(task.rowsUpdated), number(task.rowsDeleted),
                bytes(task.bytesWritten),
                duration(task.seconds), task.tableVersion.map { "\($0)" } ?? "",
            ]
        }
        let head = ["task", "outcome", "read", "new", "changed", "gone", "written", "time", "version"]
        return "<details><summary>All \(report.tasks.count) tasks</summary>\(table(head, rows))</details>"
    }

    private func name(_ task: TaskReport) -> String {
        escape("\(task.region)/\(task.client) \(task.schema).\(task.table)")
    }

    private func percent(_ share: Double) -> String { "\(Double(Int(share * 100_000)) / 1000)%" }
}
