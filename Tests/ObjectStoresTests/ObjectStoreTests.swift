import Foundation
import ObjectStores
import Testing

/// The rules that every store keeps.
@Suite("ObjectStore") struct ObjectStoreTests {
    enum Kind: CaseIterable, Sendable { case memory, local }

    static func withStore(_ kind: Kind, _ body: (any ObjectStore) async throws -> Void) async throws {
        switch kind {
        case .memory: try await body(MemoryObjectStore())
        case .local:
            let folder = NSTemporaryDirectory() + "tributary-store-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try await body(LocalObjectStore(root: folder))
        }
    }

    static func code(_ error: any Error) -> ObjectStoreError.Code? { (error as? ObjectStoreError)?.code }

    @Test("an object is read as it was put, whole and in part", arguments: Kind.allCases)
    func read(kind: Kind) async throws {
        try await Self.withStore(kind) { store in
            try await store.putIfAbsent("a/b/ö c.bin", [1, 2, 3, 4])
            #expect(try await store.read("a/b/ö c.bin") == [1, 2, 3, 4])
            #expect(try await store.read("a/b/ö c.bin", range: 1..<3) == [2, 3])
            #expect(try await store.attributes(of: "a/b/ö c.bin")?.size == 4)
            #expect(try await store.attributes(of: "a/b") == nil)
            await #expect { _ = try await store.read("a/b/ö c.bin", range: 2..<5) } throws: {
                Self.code($0) == .outOfRange
            }
            await #expect { _ = try await store.read("a/x") } throws: { Self.code($0) == .notFound }
        }
    }

    @Test("an object that is there stays as it is", arguments: Kind.allCases)
    func putIfAbsent(kind: Kind) async throws {
        try await Self.withStore(kind) { store in
            try await store.putIfAbsent("x", [1])
            await #expect { try await store.putIfAbsent("x", [2]) } throws: {
                Self.code($0) == .alreadyExists
            }
            #expect(try await store.read("x") == [1])
        }
    }

    @Test("of many who put one object, one wins, and its bytes are whole", arguments: Kind.allCases)
    func race(kind: Kind) async throws {
        try await Self.withStore(kind) { store in
            for round in 0..<20 {
                let winners = await withTaskGroup(of: Int?.self) { group in
                    for writer in 0..<20 {
                        group.addTask {
                            let bytes = [UInt8](repeating: UInt8(writer), count: 5000)
                            return (try? await store.putIfAbsent("r/\(round)", bytes)).map { writer }
                        }
                    }
                    return await group.reduce(into: [Int]()) { if let winner = $1 { $0.append(winner) } }
                }
                #expect(winners.count == 1)
                let bytes = try await store.read("r/\(round)")
                #expect(bytes == [UInt8](repeating: UInt8(winners.first ?? 255), count: 5000))
            }
        }
    }

    @Test("listings are in byte order, below a folder, after a path", arguments: Kind.allCases)
    func list(kind: Kind) async throws {
        try await Self.withStore(kind) { store in
            for path in ["t/b", "t/a/2", "t/a/10", "t/é", "t/_x/1", "u/1", "t0"] {
                try await store.putIfAbsent(path, [0])
            }
            #expect(
                try await store.list("t/", after: nil).map(\.path) == [
                    "t/_x/1", "t/a/10", "t/a/2", "t/b", "t/é",
                ]
            )
            #expect(try await store.list("t/", after: "t/a/10").map(\.path) == ["t/a/2", "t/b", "t/é"])
            #expect(try await store.list("none/", after: nil).isEmpty)
        }
    }

    @Test(
        "an object that is written in pieces is there when it is finished, not before",
        arguments: Kind.allCases
    )
    func writer(kind: Kind) async throws {
        try await Self.withStore(kind) { store in
            let writer = try await store.makeWriter("w/1")
            try await writer.write([1, 2])
            #expect(try await store.list("w/", after: nil).isEmpty)
            try await writer.write([3])
            try await writer.finish()
            #expect(try await store.read("w/1") == [1, 2, 3])
            let other = try await store.makeWriter("w/2")
            try await other.write([9])
            await other.cancel()
            #expect(try await store.list("w/", after: nil).map(\.path) == ["w/1"])
        }
    }

    @Test("deleting what is not there is no error", arguments: Kind.allCases)
    func delete(kind: Kind) async throws {
        try await Self.withStore(kind) { store in
            try await store.putIfAbsent("d", [1])
            try await store.delete("d")
            try await store.delete("d")
            #expect(try await store.attributes(of: "d") == nil)
        }
    }

    @Test("paths that lead elsewhere are refused", arguments: ["", "/a", "a//b", "../a", "a/../b", "a/."])
    func paths(path: String) async throws {
        for kind in Kind.allCases {
            try await Self.withStore(kind) { store in
                await #expect { try await store.putIfAbsent(path, [1]) } throws: {
                    Self.code($0) == .invalidPath
                }
            }
        }
    }
}
