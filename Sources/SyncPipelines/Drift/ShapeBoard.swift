import FoundationEssentials
import Logging
import ObjectStores
import SyncLedgers
import Synchronization

/// What the tables of clients looked like when they were last brought, and what the tasks of a run saw of them.
final class ShapeBoard: Sendable {
    private struct State {
        var known: [TaskIdentity: TableShape] = [:]
        /// The shape that most clients of a table have, by the table's qualified name.
        var usual: [String: TableShape] = [:]
        var seen: [TaskIdentity: TableShape] = [:]
        var drift: [TaskIdentity: [SchemaDrift]] = [:]
    }

    private let state: Mutex<State>

    init(_ known: [TaskIdentity: TableShape] = [:]) {
        var state = State()
        state.known = known
        var counts: [String: [TableShape: Int]] = [:]
        for (task, shape) in known {
            counts["\(task.schema).\(task.table)", default: [:]][shape, default: 0] += 1
        }
        for (table, shapes) in counts {
            // Where two shapes are as frequent, neither is the usual one.
            let most = shapes.values.max() ?? 0
            let frequent = shapes.filter { $0.value == most }
            if frequent.count == 1 { state.usual[table] = frequent.first?.key }
        }
        self.state = Mutex(state)
    }

    /// What the lake knows; nothing where that cannot be read, which keeps no run from its work.
    static func known(in lake: any ObjectStore, logger: Logger) async -> ShapeBoard {
        do {
            var known: [TaskIdentity: TableShape] = [:]
            for (task, entry) in try await ShapeHistory(store: lake).latest() {
                known[task] = try? JSONDecoder().decode(TableShape.self, from: Data(entry.shape.utf8))
            }
            return ShapeBoard(known)
        } catch {
            logger.warning("what clients' tables looked like cannot be read", metadata: ["error": "\(error)"])
            return ShapeBoard()
        }
    }

    /// Writes down the shapes of some tasks that are not known as they are now.
    func keep(of tasks: [TaskIdentity], run: RunReport, in lake: any ObjectStore) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let entries = try news(of: tasks).map { task, shape in
            ShapeHistory.Entry(
                task: task,
                runID: run.runID,
                seenAt: run.startedAt.microseconds,
                shape: String(decoding: try encoder.encode(shape), as: UTF8.self)
            )
        }
        try await ShapeHistory(store: lake).append(entries)
    }

    /// What is otherwise in a task's table than before; than in most clients, where it was never seen.
    func drift(of task: TaskIdentity, now shape: TableShape) -> [SchemaDrift] {
        state.withLock { state in
            state.seen[task] = shape
            if let known = state.known[task] { return SchemaDrift.find(from: known, to: shape) }
            guard let usual = state.usual["\(task.schema).\(task.table)"] else { return [] }
            return SchemaDrift.find(from: usual, to: shape).map { drift in
                var drift = drift
                drift.isToOthers = true
                return drift
            }
        }
    }

    /// Keeps what became of a task's differences, for its report.
    func note(_ drift: [SchemaDrift], of task: TaskIdentity) {
        state.withLock { $0.drift[task] = drift.isEmpty ? nil : drift }
    }

    /// The differences of a task; those of one that failed are all in the way.
    func noted(_ task: TaskIdentity, failed: Bool) -> [SchemaDrift] {
        let drift = state.withLock { $0.drift[task] ?? [] }
        guard failed else { return drift }
        return drift.map { drift in
            var drift = drift
            drift.action = .failed
            return drift
        }
    }

    /// The shapes of some tasks that are not known as they are now.
    func news(of tasks: [TaskIdentity]) -> [(TaskIdentity, TableShape)] {
        state.withLock { state in
            tasks.compactMap { task in
                guard let shape = state.seen[task], state.known[task] != shape else { return nil }
                return (task, shape)
            }
        }
    }
}
