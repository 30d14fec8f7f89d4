import ConnectorTestKit
import ObjectStores
import SyncLedgers
import Testing

@Suite("SyncLedger") struct SyncLedgerTests {
    static func entry(_ client: String, _ table: String, mark: Int64, run: Int64 = 1) -> LedgerEntry {
        LedgerEntry(
            task: TaskIdentity(region: "eu", client: client, schema: "shop", table: table),
            mark: mark,
            runSequence: run,
            definition: "d"
        )
    }

    @Test("entries come back, and equal ones are not written again")
    func reconcile() async throws {
        let store: any ObjectStore = MemoryObjectStore()
        let ledger = SyncLedger(store: store)
        #expect(try await ledger.entries().isEmpty)
        let wanted = [
            Self.entry("1", "orders", mark: 10), Self.entry("1", "items", mark: 11),
            Self.entry("2", "orders", mark: 12),
        ]
        #expect(try await ledger.reconcile { wanted } == 3)
        #expect(Set(try await ledger.entries()) == Set(wanted))
        let objects = try await store.list("", after: nil).count
        #expect(try await ledger.reconcile { wanted } == 0)
        #expect(try await store.list("", after: nil).count == objects)
    }

    @Test("an entry replaces the one of its table and leaves the others of its client alone")
    func replace() async throws {
        let ledger = SyncLedger(store: MemoryObjectStore())
        _ = try await ledger.reconcile {
            [Self.entry("1", "orders", mark: 10), Self.entry("1", "items", mark: 11)]
        }
        #expect(try await ledger.reconcile { [Self.entry("1", "orders", mark: 20, run: 2)] } == 1)
        #expect(
            Set(try await ledger.entries())
                == [Self.entry("1", "orders", mark: 20, run: 2), Self.entry("1", "items", mark: 11)]
        )
    }

    @Test("many clients write at once without losing one another's entries")
    func concurrent() async throws {
        let store: any ObjectStore = MemoryObjectStore()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<12 {
                group.addTask {
                    _ = try await SyncLedger(store: store).reconcile {
                        [Self.entry("\(client)", "orders", mark: Int64(client))]
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await SyncLedger(store: store).entries().count == 12)
    }

    @Test("what was written of some clients goes when another's cannot be")
    func brokenOff() async throws {
        let memory: any ObjectStore = MemoryObjectStore()
        let clients = (0..<40).map { Self.entry("\($0)", "orders", mark: 1) }
        _ = try await SyncLedger(store: memory).reconcile { clients }
        let before = try await Set(memory.list("", after: nil).map(\.path))
        struct Refusal: Error {}
        let store = FaultyObjectStore(memory) { operation in
            if operation.kind == .finish && operation.path.contains("client_id=27/") { throw Refusal() }
        }
        await #expect(throws: Refusal.self) {
            _ = try await SyncLedger(store: store).reconcile {
                clients.map { Self.entry($0.task.client, "orders", mark: 2) }
            }
        }
        #expect(try await Set(memory.list("", after: nil).map(\.path)) == before)
        let wanted = clients.map { Self.entry($0.task.client, "orders", mark: 3) }
        #expect(try await SyncLedger(store: memory).reconcile { wanted } == 40)
        #expect(try await Set(SyncLedger(store: memory).entries()) == Set(wanted))
    }
}

@Suite("TaskTransactions") struct TaskTransactionsTests {
    static func names(_ task: TaskIdentity, _ definition: [String] = ["id"]) -> TaskTransactions {
        TaskTransactions(task: task, tableID: "t", definition: definition)
    }

    @Test("slashes in names do not make two tasks one")
    func escaping() {
        let one = TaskIdentity(region: "a/b", client: "c", schema: "s", table: "t")
        let other = TaskIdentity(region: "a", client: "b/c", schema: "s", table: "t")
        #expect(Self.names(one).mark != Self.names(other).mark)
    }

    @Test("another definition has another mark", arguments: [["id", "x"], ["i", "d"], []])
    func definition(parts: [String]) {
        let task = TaskIdentity(region: "a", client: "b", schema: "s", table: "t")
        #expect(Self.names(task).mark != Self.names(task, parts).mark)
        #expect(Self.names(task).mark == Self.names(task).mark)
    }
}
