public import ObjectStores
import SyncLedgers

/// What pipelines rely on in a ledger over a store.
public enum LedgerContract {
    private typealias Rule = ContractRule<any ObjectStore>

    /// The rules, each to be checked on an empty store of its own.
    public static var rules: [ContractRule<any ObjectStore>] {
        [
            Rule("entries are read as they were written") { store in
                let ledger = SyncLedger(store: store)
                try await Rule.require(try ledger.entries().isEmpty, "an empty ledger has entries")
                let entries = [entry("1", 10), entry("ü / %2F", 20), entry("", 30)]
                let written = try await ledger.reconcile { entries }
                try Rule.require(written == 3, "\(written) entries were written")
                try await Rule.require(try Set(ledger.entries()) == Set(entries), "they are read otherwise")
            },
            Rule("an entry replaces the one before, and leaves the others") { store in
                let ledger = SyncLedger(store: store)
                _ = try await ledger.reconcile {
                    [entry("1", 10), entry("1", 11, table: "b"), entry("2", 20)]
                }
                _ = try await ledger.reconcile { [entry("1", 15)] }
                let found = try await Set(ledger.entries())
                let wanted: Set = [entry("1", 15), entry("1", 11, table: "b"), entry("2", 20)]
                try Rule.require(found == wanted, "the ledger has \(found)")
            },
            Rule("what is in the ledger already is not written again") { store in
                let ledger = SyncLedger(store: store)
                _ = try await ledger.reconcile { [entry("1", 10)] }
                let before = try await store.list("", after: nil).count
                let written = try await ledger.reconcile { [entry("1", 10)] }
                let after = try await store.list("", after: nil).count
                try Rule.require(written == 0 && before == after, "\(written) entries were written")
            },
            Rule("a ledger that is deleted is made anew") { store in
                let ledger = SyncLedger(store: store)
                _ = try await ledger.reconcile { [entry("1", 10)] }
                for object in try await store.list("", after: nil) { try await store.delete(object.path) }
                _ = try await ledger.reconcile { [entry("1", 12)] }
                try await Rule.require(try ledger.entries() == [entry("1", 12)], "it has other entries")
            },
            Rule("writers beside each other lose no entry") { store in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in 0..<6 {
                        group.addTask {
                            let mine = (0..<3).map { entry("\($0)", Int64(writer), table: "t\(writer)") }
                            _ = try await SyncLedger(store: store).reconcile { mine }
                        }
                    }
                    try await group.waitForAll()
                }
                let count = try await SyncLedger(store: store).entries().count
                try Rule.require(count == 18, "\(count) of 18 entries are there")
            },
        ]
    }

    private static func entry(_ client: String, _ mark: Int64, table: String = "a") -> LedgerEntry {
        LedgerEntry(
            task: TaskIdentity(region: "eu", client: client, schema: "shop", table: table),
            mark: mark,
            runSequence: mark,
            definition: "d"
        )
    }
}
