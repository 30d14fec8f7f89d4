import ObjectStores
import SyncLedgers
import Testing

@Suite("QuarantineTable") struct QuarantineTableTests {
    private static let task = TaskIdentity(region: "eu", client: "1", schema: "shop", table: "orders")

    private static func entry(
        _ number: Int,
        task: TaskIdentity = task,
        version: String = "a",
        run: String = "r1",
        at instant: Int64 = 1
    ) -> QuarantineEntry {
        QuarantineEntry(
            task: task,
            key: "{\"id\":\(number)}",
            column: "born_on",
            rule: "impossibleDates: fail",
            reason: "a date is zero",
            rowVersion: version,
            runID: run,
            seenAt: instant
        )
    }

    @Test("a row is there once, and the same row again writes nothing")
    func writtenTwice() async throws {
        let store: any ObjectStore = MemoryObjectStore()
        let quarantine = QuarantineTable(store: store)
        #expect(try await quarantine.entries().isEmpty)
        try await quarantine.open([Self.entry(1), Self.entry(2)], of: Self.task)
        let objects = try await store.list("", after: nil).count
        try await quarantine.open([Self.entry(2, run: "r2", at: 9)], of: Self.task)
        #expect(try await store.list("", after: nil).count == objects)
        #expect(Set(try await quarantine.entries()) == [Self.entry(1), Self.entry(2)])
    }

    @Test("another version of the row renews its entry, which keeps since when the row is set aside")
    func anotherVersion() async throws {
        let quarantine = QuarantineTable(store: MemoryObjectStore())
        var older = Self.entry(1)
        older.lakeHasOlderVersion = true
        try await quarantine.open([older], of: Self.task)
        try await quarantine.open([Self.entry(1, version: "b", run: "r2", at: 9)], of: Self.task)
        let entries = try await quarantine.entries()
        #expect(entries.count == 1 && entries[0].firstSeen == 1 && entries[0].lastSeen == 9)
        #expect(entries[0].runID == "r2" && entries[0].lakeHasOlderVersion)
    }

    @Test("tasks of one client, and regions with clients of one name, leave each other alone")
    func others() async throws {
        let quarantine = QuarantineTable(store: MemoryObjectStore())
        var (items, abroad) = (Self.task, Self.task)
        items.table = "items"
        abroad.region = "us"
        try await quarantine.open([Self.entry(1)], of: Self.task)
        try await quarantine.open([Self.entry(1, task: items)], of: items)
        try await quarantine.open([Self.entry(1, task: abroad)], of: abroad)
        try await quarantine.close(cured: [Self.entry(1)], gone: [], of: Self.task, run: "r2", at: 5)
        let states = Dictionary(
            uniqueKeysWithValues: try await quarantine.entries().map { ($0.task, $0.state) }
        )
        #expect(states == [Self.task: .cured, items: .open, abroad: .open])
    }

    @Test("an entry that another run renewed since it was looked at is not closed")
    func renewedMeanwhile() async throws {
        let quarantine = QuarantineTable(store: MemoryObjectStore())
        try await quarantine.open([Self.entry(1), Self.entry(2)], of: Self.task)
        try await quarantine.open([Self.entry(1, version: "b", run: "r2", at: 4)], of: Self.task)
        let seen = [Self.entry(1), Self.entry(2)]
        let left = try await quarantine.close(cured: seen, gone: [], of: Self.task, run: "r1", at: 5)
        #expect(left.map(\.state).sorted { $0.rawValue < $1.rawValue } == [.cured, .open])
        #expect(left.first { $0.state == .open }?.key == "{\"id\":1}")
    }

    @Test("a row that comes back after it was cured or gone is open anew")
    func again() async throws {
        let quarantine = QuarantineTable(store: MemoryObjectStore())
        try await quarantine.open([Self.entry(1), Self.entry(2)], of: Self.task)
        try await quarantine.close(
            cured: [Self.entry(1)],
            gone: [Self.entry(2)],
            of: Self.task,
            run: "r2",
            at: 5
        )
        #expect(Set(try await quarantine.entries().map(\.state)) == [.cured, .gone])
        try await quarantine.open([Self.entry(1, at: 7), Self.entry(2, at: 7)], of: Self.task)
        let entries = try await quarantine.entries()
        #expect(entries.allSatisfy { $0.state == .open && $0.firstSeen == 7 } && entries.count == 2)
    }

    @Test("entries go with their client to another region")
    func move() async throws {
        let quarantine = QuarantineTable(store: MemoryObjectStore())
        try await quarantine.open([Self.entry(1)], of: Self.task)
        try await quarantine.move(Self.task, to: "us")
        let entries = try await quarantine.entries()
        #expect(entries.map(\.task.region) == ["us"] && entries[0].state == .open)
    }
}
