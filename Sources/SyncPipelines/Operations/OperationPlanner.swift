import DeltaLog
import DeltaTables
import ObjectStores
import SyncLedgers

/// Says of each task of a plan what an operation would do to it, instead of a run.
struct OperationPlanner {
    let operation: LakeOperation
    let tasks: [SyncTask]
    let store: any ObjectStore
    private var snapshots: [String: Snapshot] = [:]

    init(_ operation: LakeOperation, _ tasks: [SyncTask], store: any ObjectStore) {
        self.operation = operation
        self.tasks = tasks
        self.store = store
    }

    mutating func describe(_ plan: inout SyncPlan) async throws {
        plan.operation = operation
        for index in plan.tasks.indices {
            let task = tasks[index]
            let snapshot = try await self.snapshot(task.lakePath)
            describe(&plan.tasks[index], task, snapshot)
        }
    }

    private mutating func snapshot(_ path: String) async throws -> Snapshot? {
        if let known = snapshots[path] { return known }
        let table = DeltaTable(store: store, path: path)
        guard try await table.exists() else { return nil }
        let snapshot = try await table.snapshot()
        snapshots[path] = snapshot
        return snapshot
    }

    /// Whether the mark of a task is that of a counter.
    private static func isCounted(_ entry: SyncPlan.Task, _ snapshot: Snapshot?) -> Bool {
        guard let snapshot, let definition = entry.definition else { return false }
        return snapshot.transactions.keys.contains { $0.hasSuffix("/\(definition)/counter/clock") }
    }

    private func describe(_ entry: inout SyncPlan.Task, _ task: SyncTask, _ snapshot: Snapshot?) {
        let rows = Self.rows(of: task.partition, in: snapshot)
        entry.destructive = []
        entry.lints = []
        entry.predictedDeletes = nil
        entry.expectedChunks = nil
        entry.expectedBytes = nil
        switch operation {
        case .reset:
            // What the source says is of no matter to rows that leave.
            entry.problem = nil
            entry.action = .reset
            entry.expectedRows = rows
            if rows > 0 { entry.destructive = ["\(rows) rows leave the lake, and the mark with them"] }
        case .resync:
            guard entry.action != .blocked else { return }
            entry.action = .backfill
            entry.destructive = ["everything is read again and merged over \(rows) rows"]
        case .backfill:
            guard entry.action != .blocked else { return }
            if entry.action != .increment {
                block(
                    &entry,
                    "only what is brought by a cursor has a range of time; resync the table instead"
                )
            } else if Self.isCounted(entry, snapshot) {
                block(&entry, "a counter has no range of time; resync the table instead")
            } else if task.template.review == .required {
                block(&entry, "what people look at comes by runs alone; resync the table instead")
            } else {
                entry.action = .backfill
                entry.expectedRows = nil
                entry.destructive = ["rows of the range are read again and merged; the mark stays"]
            }
        case .move(let region):
            var from = task.partition
            from[LakeColumns.region] = region
            let moving = Self.rows(of: from, in: snapshot)
            entry.problem = nil
            entry.action = .move
            entry.expectedRows = moving
            if region == task.identity.region {
                block(&entry, "the roster has the client in region \(region) still; change the roster first")
            } else if rows > 0 {
                block(
                    &entry,
                    "region \(task.identity.region) has \(rows) rows of the client already; reset them first"
                )
            } else if moving > 0 {
                entry.destructive = ["\(moving) rows and the mark go from region \(region)"]
            }
        }
    }

    private func block(_ entry: inout SyncPlan.Task, _ problem: String) {
        entry.action = .blocked
        entry.problem = problem
    }

    private static func rows(of partition: [String: String?], in snapshot: Snapshot?) -> Int {
        snapshot.map { ExpectedSizes.rowsByPartition($0)[partition] ?? 0 } ?? 0
    }
}
