import DeltaLog
import FoundationEssentials
import IncrementalFilters
import ObjectStores
import SourceConnectors
import SyncLedgers

/// How a large table is loaded chunk by chunk: the places that cut it, and the mark that holds once all of it is there.
///
/// It is made once and kept beside the lake, so that a load which is broken off goes on with the same places. Rows that
/// come later beyond the last place have a cursor at or past the mark: the next run brings them.
struct LoadPlan: Sendable, Hashable, Codable {
    /// Tells this load from others of the task.
    var id: String
    /// The key that the places belong to.
    var key: [String]
    /// The places, the last one at the greatest key.
    var bounds: [KeyBound]
    /// The mark, from signals that were read before the places.
    var mark: Int64
    /// What the mark is worth.
    var guarantee: Guarantee
    /// What holds the mark back.
    var heldBy: String?
    /// What was read of the counter that the mark is of; nil for other cursors.
    var counter: CounterReading?

    /// A guarantee as it is kept.
    enum Guarantee: Sendable, Hashable, Codable {
        case proven
        case bounded(seconds: Int64)
        case digestOnly
    }

    init(key: [String], bounds: [KeyBound], mark: Mark, counter: CounterReading? = nil) {
        self.counter = counter
        id = UUID().uuidString.lowercased()
        self.key = key
        self.bounds = bounds
        self.mark = mark.value
        heldBy = mark.heldBy
        switch mark.guarantee {
        case .proven: guarantee = .proven
        case .bounded(let time): guarantee = .bounded(seconds: time.components.seconds)
        case .digestOnly: guarantee = .digestOnly
        }
    }

    /// The task's mark once the load is complete.
    var finalMark: Mark {
        let worth: MarkGuarantee
        switch guarantee {
        case .proven: worth = .proven
        case .bounded(let seconds): worth = .bounded(.seconds(seconds))
        case .digestOnly: worth = .digestOnly
        }
        return Mark(value: mark, guarantee: worth, heldBy: heldBy)
    }

    /// The rows of some ranges: from one place, excluded, to another, included.
    func range(_ ranges: Range<Int>) -> KeyRange {
        KeyRange(
            key: key,
            after: ranges.lowerBound == 0 ? nil : bounds[ranges.lowerBound - 1],
            through: bounds[ranges.upperBound - 1]
        )
    }
}

/// How far a load is, as its commits tell: each carries two transactions of the load beside those of the task.
struct LoadProgress: Sendable, Hashable {
    /// The ranges whose rows are in the lake, counted from the first.
    var ranges = 0
    /// The rows that the load has committed.
    var rows = 0

    init() {}

    /// What the log says of a load; nil when nothing of it was committed.
    init?(_ plan: LoadPlan, _ names: TaskTransactions, _ snapshot: Snapshot) {
        let names = Self.names(plan, names)
        guard let ranges = snapshot.transactionVersion(names.ranges),
            let rows = snapshot.transactionVersion(names.rows),
            (0...Int64(plan.bounds.count)).contains(ranges)
        else { return nil }
        self.ranges = Int(ranges)
        self.rows = Int(rows)
    }

    /// The transactions of a commit after which the load is so far.
    func transactions(_ plan: LoadPlan, _ names: TaskTransactions) -> [ApplicationTransaction] {
        let names = Self.names(plan, names)
        return [
            ApplicationTransaction(appID: names.ranges, version: Int64(ranges)),
            ApplicationTransaction(appID: names.rows, version: Int64(rows)),
        ]
    }

    private static func names(_ plan: LoadPlan, _ names: TaskTransactions) -> (ranges: String, rows: String) {
        let base = "\(names.taskPrefix)\(names.definition)/load/\(plan.id)"
        return (base + "/ranges", base + "/rows")
    }
}

/// Keeps the plan of a task's load: an object that is written once, and removed when the load is complete.
struct LoadStore: Sendable {
    let store: any ObjectStore
    private let folder: String
    private let path: String

    /// Names the place by the task and its definition: another definition has no plan.
    init(store: any ObjectStore, names: TaskTransactions) {
        self.store = store
        folder = "tributary/loads/" + names.taskPrefix.dropFirst("tributary/".count)
        path = folder + names.definition + ".json"
    }

    /// The plan, or nil when there is none that can be read.
    func load() async throws -> LoadPlan? {
        do {
            let bytes = try await store.read(path)
            let plan = try? JSONDecoder().decode(LoadPlan.self, from: Data(bytes))
            return plan.flatMap { $0.bounds.isEmpty ? nil : $0 }
        } catch let error as ObjectStoreError where error.code == .notFound {
            return nil
        }
    }

    /// Keeps a plan in place of earlier ones of the task, and says which one counts: another run may have been first.
    func keep(_ plan: LoadPlan) async throws -> LoadPlan {
        for object in try await store.list(folder, after: nil) { try await store.delete(object.path) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            try await store.putIfAbsent(path, Array(try encoder.encode(plan)))
            return plan
        } catch let error as ObjectStoreError where error.code == .alreadyExists {
            return try await load() ?? plan
        }
    }

    /// Forgets the plan; what is left behind is in nobody's way.
    func remove() async { try? await store.delete(path) }
}
