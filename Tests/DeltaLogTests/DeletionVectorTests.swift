import DeltaLog
import ObjectStores
import Testing

@Suite("DeletionVector") struct DeletionVectorTests {
    static let sets: [[UInt64]] = [
        [], [0], [3, 1, 2, 3], Array(0..<5000), [65_535, 65_536, 1 << 32, (1 << 33) + 7],
        (0..<20_000).map { $0 * 3 },
    ]

    @Test("a vector comes back from its file", arguments: sets)
    func roundTrip(rows: [UInt64]) async throws {
        let store = MemoryObjectStore()
        let vector = DeletionVector(rows)
        let descriptor = try await vector.write(
            table: "t",
            name: "61d16c75-6994-46b7-a15b-8b538852e50e",
            in: store
        )
        #expect(descriptor.cardinality == Int64(Set(rows).count))
        #expect(descriptor.logPath == "deletion_vector_61d16c75-6994-46b7-a15b-8b538852e50e.bin")
        #expect(try await DeletionVector.read(descriptor, table: "t", in: store) == vector)
    }

    @Test("a vector of a file that was changed is refused", arguments: [0, 3, 8, 20, 30])
    func damaged(position: Int) async throws {
        let store = MemoryObjectStore()
        let descriptor = try await DeletionVector([1, 7]).write(
            table: "t",
            name: "61d16c75-6994-46b7-a15b-8b538852e50e",
            in: store
        )
        let path = "t/" + (try #require(descriptor.logPath))
        var bytes = try await store.read(path)
        bytes[1 + position] ^= 0xFF
        await store.delete(path)
        try await store.putIfAbsent(path, bytes)
        await #expect {
            _ = try await DeletionVector.read(descriptor, table: "t", in: store)
        } throws: { ($0 as? DeltaLogError)?.code == .corruptDeletionVector }
    }

    @Test(
        "inline vectors of writers in the field",
        arguments: [
            ("^Bg9^0rr910000000000iXQKl0rr91000935c8Xg000311onP9", Int32(40), 4),
            ("^Bg9^0rr910000000000iXQKl0rr91000315c8Xg000f5", 36, 2),
            ("^Bg9^0rr910000000000iXQKl0rr91000005c8Xg##093", 34, 1),
        ]
    )
    func inline(text: String, size: Int32, count: Int) async throws {
        let descriptor = DeletionVectorDescriptor(
            storageType: "i",
            pathOrInlineDV: text,
            sizeInBytes: size,
            cardinality: Int64(count)
        )
        let vector = try await DeletionVector.read(descriptor, table: "t", in: MemoryObjectStore())
        #expect(vector.count == count)
        #expect(vector.rows.allSatisfy { $0 < 10 })
    }
}
