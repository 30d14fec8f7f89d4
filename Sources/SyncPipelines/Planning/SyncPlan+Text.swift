import DeltaTables

extension SyncPlan {
    /// The plan for people: tables, then what is in the way or needs this plan, then counts, lints and servers.
    public var text: String {
        var lines = ["plan \(id) for \(regions)" + (operation.map { ": \($0.description)" } ?? "")]
        for table in tables {
            lines.append("\(table.table): \(table.preparation)")
            if let problem = table.problem { lines.append("  BLOCKED: \(problem)") }
            if !table.columns.isEmpty {
                lines.append(
                    "  \(table.preparation == "created" ? "columns" : "adds"): \(table.columns.joined(separator: ", "))"
                )
            }
            if let keys = table.keys { lines.append("  keys: \(keys)") }
            if let changes = table.changes { lines.append("  changes: \(changes)") }
            if let writes = table.writes { lines.append("  writes: \(writes)") }
            if let bronze = table.bronze { lines.append("  bronze: \(bronze)") }
            lines += table.shapes.map { "  tables: \($0)" }
            lines += taskLines(of: table.table)
        }
        lines += lintLines
        for host in hosts {
            lines.append(
                "server \(host.host): \(Self.count(host.tasks, "task")), at most \(Self.count(host.connections, "connection"))"
            )
        }
        let rows = tasks.compactMap(\.expectedRows).reduce(0, +)
        lines.append("\(Self.count(tasks.count, "task")), about \(rows) rows\(bytes)")
        if isDestructive { lines.append("needs this plan: region-sync run --plan \(id)") }
        return lines.joined(separator: "\n")
    }

    /// The bytes that would be written, as far as something was measured.
    private var bytes: String {
        let known = tasks.compactMap(\.expectedBytes)
        guard !known.isEmpty else { return "" }
        let rest = tasks.count - known.count
        return " and \(known.reduce(0, +)) bytes"
            + (rest > 0 ? " for the \(Self.count(known.count, "task")) of which that is measured" : "")
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)" + (number == 1 ? "" : "s")
    }

    /// A line for each kind of action, and one for each task that stands out.
    private func taskLines(of table: String) -> [String] {
        let mine = tasks.filter { $0.table == table }
        var lines: [String] = []
        for action in Action.allCases {
            let some = mine.filter { $0.action == action }
            guard let first = some.first, action != .blocked else { continue }
            let rows = some.compactMap(\.expectedRows).reduce(0, +)
            let names = some.count == 1 ? "\(first.region)/\(first.client)" : "\(some.count) clients"
            var worth: [String: Int] = [:]
            for task in some { worth[task.guarantee ?? "unknown", default: 0] += 1 }
            let guarantees = worth.sorted { $0.key < $1.key }
                .map { worth.count == 1 ? $0.key : "\($0.key) for \($0.value)" }.joined(separator: ", ")
            let known = some.contains { $0.expectedRows != nil }
            let chunks = some.compactMap(\.expectedChunks)
            let loads =
                chunks.isEmpty
                ? "" : ", \(chunks.count) of them in at least \(chunks.reduce(0, +)) chunks"
            lines.append(
                "  \(action.rawValue): \(names), \(known ? "about \(rows) rows" : "rows unknown")\(loads), \(guarantees)"
            )
        }
        for task in mine {
            let name = "\(task.region)/\(task.client)"
            if let problem = task.problem { lines.append("  BLOCKED \(name): \(problem)") }
            lines += task.drift.map { "  DRIFT \(name): \($0.text)" }
            for reason in task.destructive { lines.append("  DESTRUCTIVE \(name): \(reason)") }
        }
        var holders: [String: [String]] = [:]
        for task in mine {
            if let heldBy = task.heldBy {
                holders[heldBy, default: []].append("\(task.region)/\(task.client)")
            }
        }
        for (holder, names) in holders.sorted(by: { $0.key < $1.key }) {
            let who = names.count == 1 ? names[0] : "\(names.count) clients"
            lines.append("  \(who): the mark is held back by \(holder)")
        }
        return lines
    }

    /// Each lint once, with the clients that it is about.
    private var lintLines: [String] {
        var places: [PlanLint: [String]] = [:]
        for task in tasks {
            for lint in task.lints {
                places[lint, default: []].append("\(task.region)/\(task.client)/\(task.table)")
            }
        }
        return places.sorted { ($0.key.code, $0.key.message) < ($1.key.code, $1.key.message) }.map {
            lint,
            tasks in
            let names =
                tasks.prefix(3).joined(separator: ", ")
                + (tasks.count > 3 ? " and \(tasks.count - 3) more" : "")
            return "note \(lint.code): \(lint.message) (\(names))"
        }
    }
}
