import ColumnBatches
import ObjectStores
import Testing
import Verification

@Suite("DigestCache") struct DigestCacheTests {
    @Test("digests come back as they were kept, and only those of the newest content stay")
    func keeps() async throws {
        let store = MemoryObjectStore()
        let cache = DigestCache(store: store, task: ["schema": "a/b", "table": "t"])
        let rule = BucketRule(keys: ["id"], count: 16)
        var digests = BucketDigests(rule: rule)
        digests.add(DifferenceFinderTests.batch((0..<100).map { DifferenceFinderTests.row($0) }))
        try await cache.keep(digests, of: "one")
        #expect(await cache.digests(of: "one", by: rule) == digests)
        #expect(await cache.digests(of: "one", by: BucketRule(keys: ["id"], count: 32)) == nil)
        try await cache.keep(digests, of: "two")
        #expect(await cache.digests(of: "one", by: rule) == nil)
        #expect(await store.list("", after: nil).count == 1)
    }
}
