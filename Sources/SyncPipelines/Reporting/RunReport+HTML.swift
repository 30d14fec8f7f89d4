import DeltaTables
import FoundationEssentials
import SourceConnectors

extension RunReport {
    /// The report as one HTML page that needs nothing else: readable on a phone, in the light and in the dark.
    public var html: String { HTMLReport(report: self).page }
}

/// The parts of the page.
private struct HTMLReport {
    let report: RunReport

    /// The most bars of the chart; the longest tasks are shown.
    private static let barCount = 300
    /// The most rows of a table that is open.
    private static let rowCount = 15

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
            <p class="sub">\(time(report.startedAt)) – \(time(report.finishedAt)), regions \(escape(report.regions))</p>
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

    // MARK: Pieces

    private func folded(_ head: [String], _ rows: [[String]]) -> String {
        let first = table(head, Array(rows.prefix(Self.rowCount)))
        guard rows.count > Self.rowCount else { return first }
        let rest = table(head, Array(rows.dropFirst(Self.rowCount)))
        return first + "<details><summary>\(rows.count - Self.rowCount) more</summary>\(rest)</details>"
    }

    private func table(_ head: [String], _ rows: [[String]]) -> String {
        "<div class=\"scroll\"><table><thead><tr>\(head.map { "<th>\($0)</th>" }.joined())</tr></thead><tbody>"
            + rows.map { "<tr>\($0.map { "<td>\($0)</td>" }.joined())</tr>" }.joined()
            + "</tbody></table></div>"
    }

    private func name(_ task: TaskReport) -> String {
        escape("\(task.region)/\(task.client) \(task.schema).\(task.table)")
    }

    private func time(_ date: Date) -> String {
        CalendarText.instant(date.microseconds, digits: 0, separator: " ") + " UTC"
    }

    private func number(_ value: Int) -> String {
        var digits = String(value.magnitude)
        var grouped = ""
        while digits.count > 3 {
            grouped = "\u{202F}" + digits.suffix(3) + grouped
            digits.removeLast(3)
        }
        return (value < 0 ? "−" : "") + digits + grouped
    }

    private func bytes(_ value: Int) -> String {
        var size = Double(value)
        for unit in ["B", "kB", "MB", "GB"] {
            if size < 1000 { return "\(unit == "B" ? "\(value)" : tenths(size))\u{A0}\(unit)" }
            size /= 1000
        }
        return "\(tenths(size))\u{A0}TB"
    }

    private func duration(_ seconds: Double) -> String {
        if seconds < 0.1 { return "\(Int((seconds * 1000).rounded())) ms" }
        if seconds < 100 { return "\(tenths(seconds)) s" }
        let whole = Int(min(seconds, 1e15))
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        if whole < 172_800 { return "\(whole / 3600) h \(whole / 60 % 60) min" }
        return "\(whole / 86_400) days"
    }

    private func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private func percent(_ share: Double) -> String { "\(Double(Int(share * 100_000)) / 1000)%" }

    private func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }

    private static let style = """
        :root{--fg:#1b1f24;--dim:#5c6773;--bg:#fff;--card:#f3f5f7;--line:#dde2e7;--loaded:#2f6fdb;--merged:#1f9d6b;\
        --unchanged:#9aa5b1;--staged:#b8860b;--held:#8e6bbf;--failed:#d13438}\
        @media(prefers-color-scheme:dark){:root{--fg:#e6e9ec;--dim:#9aa5b1;--bg:#14171a;--card:#1f2429;--line:#323940;\
        --loaded:#6ea3ff;--merged:#4cc795;--unchanged:#66707a;--staged:#e0b13f;--held:#b89ae6;--failed:#ff6b6f}}\
        *{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.45 system-ui,sans-serif}\
        main{max-width:1080px;margin:0 auto;padding:20px 16px 48px}h1{font-size:22px;margin:0 0 4px}\
        h2{font-size:17px;margin:28px 0 8px}.sub{color:var(--dim);margin:0 0 16px}\
        .dot{display:inline-block;width:12px;height:12px;border-radius:50%;margin-right:8px}\
        .dot.ok{background:var(--merged)}.dot.bad{background:var(--failed)}\
        .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(112px,1fr));gap:8px}\
        .cards div{background:var(--card);border-radius:8px;padding:10px 12px}.cards b{display:block;font-size:17px;white-space:nowrap}\
        .cards span{color:var(--dim);font-size:13px}.failures{padding-left:18px}.failures b{color:var(--failed)}\
        .failures li{margin-bottom:6px;overflow-wrap:anywhere}\
        .legend{display:flex;gap:14px;flex-wrap:wrap;margin:0 0 8px;font-size:13px;color:var(--dim)}\
        .legend i{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:5px}\
        .gantt{background:var(--card);border-radius:8px;padding:10px;max-height:70vh;overflow:auto}\
        .bar{display:grid;grid-template-columns:minmax(110px,28%) 1fr 62px;gap:8px;align-items:center;font-size:12px;height:18px}\
        .name{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}.took{color:var(--dim);text-align:right}\
        .track{position:relative;height:10px;background:var(--line);border-radius:3px}\
        .track i{position:absolute;top:0;height:10px;border-radius:3px;min-width:3px}\
        .axis{display:flex;justify-content:space-between;color:var(--dim);font-size:12px;\
        margin:6px 70px 0 calc(max(110px,28%) + 8px)}\
        i.loaded{background:var(--loaded)}i.merged{background:var(--merged)}i.unchanged{background:var(--unchanged)}\
        i.staged{background:var(--staged)}i.held{background:var(--held)}i.failed{background:var(--failed)}\
        i.again{background-image:repeating-linear-gradient(45deg,transparent 0 4px,#0004 4px 7px)}\
        .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:13px}\
        th,td{text-align:left;padding:5px 12px 5px 0;border-bottom:1px solid var(--line);white-space:nowrap;vertical-align:top}\
        td:first-child{white-space:normal;min-width:140px}th{color:var(--dim);font-weight:500}\
        .tag{font-style:normal;color:#fff;border-radius:4px;padding:1px 6px;font-size:12px}\
        @media(prefers-color-scheme:dark){.tag{color:#14171a}}details{margin-top:16px}summary{cursor:pointer;color:var(--dim)}
        """
}
