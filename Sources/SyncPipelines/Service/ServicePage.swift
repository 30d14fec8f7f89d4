import FoundationEssentials

/// The page of a service: reloads itself, and needs nothing else.
struct ServicePage: HTMLPage {
    let state: ServiceBoard.State
    let lastRun: RunReport?
    let status: StatusReport?

    var page: String {
        let isWell = state.problem == nil && lastRun?.succeeded != false
        let word = state.isRunning ? "running" : state.problem == nil ? "waiting" : "in trouble"
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark"><meta http-equiv="refresh" content="10">
            <title>Tributary: \(word)</title>
            <style>\(Self.style)</style></head><body><main>
            <h1><span class="dot \(isWell ? "ok" : "bad")"></span>Tributary, \(word)</h1>
            <p class="sub">since \(time(state.startedAt)), looked at \(state.checkedAt.map(time) ?? "never")</p>
            \(cards)\(problems)\(lastRunLine)\(tasks)
            </main></body></html>

            """
    }

    private var cards: String {
        var cards: [(String, String)] = [
            (number(state.taskCount), "tasks"), (number(state.dueCount), "due"),
            (number(state.runCount), "runs"),
        ]
        if let progress = state.progress {
            cards.append(("\(number(progress.tasksDone)) of \(number(progress.taskCount))", "tasks done"))
            cards.append((number(progress.rowsRead), "rows read"))
        }
        let aside = status?.tasks.reduce(0) { $0 + $1.rowsQuarantined } ?? 0
        if aside > 0 { cards.append((number(aside), "rows set aside")) }
        let waiting = status?.tasks.count { $0.waitingChangeSet != nil } ?? 0
        if waiting > 0 { cards.append((number(waiting), "to review")) }
        if let next = state.nextAt {
            cards.append((String(time(next).dropFirst(5).dropLast(7)), "next, UTC"))
        }
        return "<div class=\"cards\">"
            + cards.map { "<div><b>\($0.0)</b><span>\($0.1)</span></div>" }.joined() + "</div>"
    }

    private var problems: String {
        var items: [String] = []
        if let problem = state.problem { items.append("<b>service</b>: \(escape(problem))") }
        if let note = state.rosterNote { items.append("<b>roster</b>: \(escape(note))") }
        for task in status?.tasks ?? [] {
            guard let error = task.lastError else { continue }
            items.append("<b>\(escape("\(task.region)/\(task.client) \(task.table)"))</b>: \(escape(error))")
        }
        guard !items.isEmpty else { return "" }
        let shown = items.prefix(20).map { "<li>\($0)</li>" }.joined()
        let rest = items.count > 20 ? "<li>and \(items.count - 20) more</li>" : ""
        return "<h2>What is in the way</h2><ul class=\"failures\">\(shown)\(rest)</ul>"
    }

    private var lastRunLine: String {
        guard let lastRun else { return "" }
        let failed = lastRun.tasks.count { $0.outcome == .failed }
        let rows = lastRun.tasks.reduce(0) { $0 + $1.rowsRead }
        return "<h2>Last run</h2><p>\(time(lastRun.finishedAt)): \(number(lastRun.tasks.count)) tasks, "
            + "\(number(failed)) failed, \(number(rows)) rows read. <a href=\"/run\">Its page</a></p>"
    }

    private var tasks: String {
        guard let status, !status.tasks.isEmpty else { return "" }
        let rows = status.tasks.sorted { ($0.mark ?? "") < ($1.mark ?? "") }.map { task in
            let outcome = task.lastOutcome.map { "<i class=\"tag \(escape($0))\">\(escape($0))</i>" } ?? ""
            return [
                escape("\(task.region)/\(task.client) \(task.table)"), outcome,
                escape(task.mark.map { String($0.prefix(19)) + "Z" } ?? "never"),
                task.ageSeconds.map { duration(Double(max($0, 0))) } ?? "", escape(task.guarantee ?? ""),
            ]
        }
        return "<h2>Tasks, the oldest marks first</h2>"
            + folded(["task", "last", "mark", "age", "worth"], rows)
    }
}
