/// How the tables of a fleet's clients differ from one another.
struct FleetShapes: Sendable {
    private var clients: [(name: String, shape: TableShape)] = []

    mutating func add(_ client: String, _ shape: TableShape) { clients.append((client, shape)) }

    /// The shape that most clients have; of those that are as frequent the one that came first.
    private var usual: TableShape? {
        var counts: [TableShape: Int] = [:]
        for client in clients { counts[client.shape, default: 0] += 1 }
        let most = counts.values.max()
        return clients.first { counts[$0.shape] == most }?.shape
    }

    /// A line for all that are alike, and one for each way to be otherwise; none where all are alike.
    ///
    /// `187 clients alike`, `12 clients: dropped vat_id (eu/3, eu/17, eu/40 and 9 more)`.
    var lines: [String] {
        guard let usual else { return [] }
        var others: [[SchemaDrift]: [String]] = [:]
        for client in clients where client.shape != usual {
            others[SchemaDrift.find(from: usual, to: client.shape), default: []].append(client.name)
        }
        guard !others.isEmpty else { return [] }
        let alike = clients.count - others.values.reduce(0) { $0 + $1.count }
        let sorted = others.sorted { ($1.value.count, $0.value[0]) < ($0.value.count, $1.value[0]) }
        return ["\(Self.count(alike)) alike"]
            + sorted.map { drift, names in
                let what =
                    drift.isEmpty ? "other order of columns" : drift.map(\.text).joined(separator: "; ")
                let more = names.count > 3 ? " and \(names.count - 3) more" : ""
                return
                    "\(Self.count(names.count)): \(what) (\(names.prefix(3).joined(separator: ", "))\(more))"
            }
    }

    private static func count(_ number: Int) -> String { number == 1 ? "1 client" : "\(number) clients" }
}
