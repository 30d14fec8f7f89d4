import DeltaLog

/// What a table holds, as far as it matters to the model.
struct HistoryState: Hashable {
    struct Row: Hashable {
        var region: String
        var id: Int64
        var text: String
    }

    /// The rows, each with how often it is there.
    var rows: [Row: Int] = [:]
    /// The columns that were added.
    var columns: Set<String> = []
    /// A property of the table.
    var note: String?
    /// How far applications have come.
    var applications: [String: Int64] = [:]

    mutating func add(_ row: Row) { rows[row, default: 0] += 1 }

    /// Replaces each of some rows by another one, or by none.
    mutating func change(_ isMeant: (Row) -> Bool, _ change: (Row) -> Row?) {
        var changed: [Row: Int] = [:]
        for (row, count) in rows {
            if !isMeant(row) {
                changed[row, default: 0] += count
            } else if let new = change(row) {
                changed[new, default: 0] += count
            }
        }
        rows = changed
    }
}

/// What an operation does to a table when nothing else happens meanwhile.
enum HistoryEffect: Hashable {
    case append(HistoryState.Row)
    /// An append that is made once, whoever repeats it.
    case load(HistoryState.Row, run: Int64)
    case merge(region: String, ids: [Int64], text: String, run: Int64)
    case update(region: String?, from: String, to: String)
    case delete(region: String?, text: String)
    case replace(HistoryState.Row)
    case overwrite(HistoryState.Row)
    case restore(Int)
    case addColumn(String)
    case note(String)
    case nothing

    /// The state afterwards; `versions` are the states by version.
    func applied(to before: HistoryState, versions: [HistoryState]) -> HistoryState {
        var state = before
        switch self {
        case .append(let row): state.add(row)
        case .load(let row, let run):
            let application = Self.application(of: row.region)
            guard before.applications[application, default: -1] < run else { break }
            state.applications[application] = run
            state.add(row)
        case .merge(let region, let ids, let text, let run):
            state.change({ $0.region == region && ids.contains($0.id) }, { _ in nil })
            for id in ids { state.add(.init(region: region, id: id, text: text)) }
            state.applications[region + "/mark"] = run
        case .update(let region, let from, let to):
            state.change({ $0.text == from && (region ?? $0.region) == $0.region }) { row in
                HistoryState.Row(region: row.region, id: row.id, text: to)
            }
        case .delete(let region, let text):
            state.change({ $0.text == text && (region ?? $0.region) == $0.region }, { _ in nil })
        case .replace(let row):
            state.change({ $0.region == row.region }, { _ in nil })
            state.add(row)
        case .overwrite(let row): state.rows = [row: 1]
        case .restore(let version):
            state = versions[version]
            state.applications = before.applications
            for name in before.applications.keys where name.hasSuffix("/mark") {
                state.applications[name] = versions[version].applications[name, default: 0]
            }
        case .addColumn(let name): state.columns.insert(name)
        case .note(let text): state.note = text
        case .nothing: break
        }
        return state
    }

    static func application(of region: String) -> String { region + "/load" }

    /// What others must leave alone for this to hold.
    var footprint: HistoryFootprint {
        switch self {
        case .append, .nothing: HistoryFootprint()
        case .load(let row, _): HistoryFootprint(applications: [Self.application(of: row.region)])
        case .merge(let region, _, _, _):
            HistoryFootprint(regions: [region], applications: [region + "/mark"])
        case .update(let region, _, _), .delete(let region, _):
            HistoryFootprint(regions: region.map { [$0] })
        case .replace(let row): HistoryFootprint(regions: [row.region])
        case .overwrite: HistoryFootprint(regions: nil)
        case .restore: HistoryFootprint(regions: nil, applications: nil, setsMetadata: true)
        case .addColumn, .note: HistoryFootprint(setsMetadata: true)
        }
    }
}

/// What an operation was made from; nil stands for all there are.
struct HistoryFootprint {
    var regions: Set<String>? = []
    var applications: Set<String>? = []
    var setsMetadata = false
}
