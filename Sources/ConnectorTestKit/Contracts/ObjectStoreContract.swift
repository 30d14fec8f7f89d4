public import ObjectStores

/// What tables rely on in a store.
public enum ObjectStoreContract {
    private typealias Rule = ContractRule<any ObjectStore>

    /// The rules, each to be checked on an empty store of its own.
    public static var rules: [ContractRule<any ObjectStore>] { objects + races + pieces }

    private static var objects: [Rule] {
        [
            Rule("an object is read as it was put, whole and in part") { store in
                let bytes = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
                try await store.putIfAbsent("a/b/ö c.bin", bytes)
                try await Rule.require(try store.read("a/b/ö c.bin") == bytes, "the bytes differ")
                let part = try await store.read("a/b/ö c.bin", range: 65_530..<65_540)
                try Rule.require(part == Array(bytes[65_530..<65_540]), "a range differs: \(part)")
                let none = try await store.read("a/b/ö c.bin", range: 5..<5)
                try Rule.require(none.isEmpty, "an empty range has bytes")
                let size = try await store.attributes(of: "a/b/ö c.bin")?.size
                try Rule.require(size == bytes.count, "the size is \(size ?? -1)")
            },
            Rule("an empty object is an object") { store in
                try await store.putIfAbsent("empty", [])
                try await Rule.require(try store.read("empty").isEmpty, "it has bytes")
                try await Rule.require(try store.attributes(of: "empty")?.size == 0, "it is not there")
            },
            Rule("what is not there is notFound, and its attributes are nil") { store in
                try await store.putIfAbsent("folder/object", [1])
                try await expect(.notFound) { _ = try await store.read("folder/other") }
                try await Rule.require(
                    try store.attributes(of: "folder/other") == nil,
                    "there are attributes"
                )
                try await Rule.require(try store.attributes(of: "folder") == nil, "a folder has attributes")
            },
            Rule("a range past the end is outOfRange, not a shorter answer") { store in
                try await store.putIfAbsent("o", [1, 2, 3])
                try await expect(.outOfRange) { _ = try await store.read("o", range: 1..<4) }
            },
            Rule("an object that is there stays as it is") { store in
                try await store.putIfAbsent("x", [1])
                try await expect(.alreadyExists) { try await store.putIfAbsent("x", [2]) }
                try await Rule.require(try store.read("x") == [1], "it was replaced")
            },
            Rule("an object that need not last is one all the same, and takes nobody's place") { store in
                try await store.putTransientIfAbsent("t/x", [1])
                try await Rule.require(try store.read("t/x") == [1], "it is another one")
                try await expect(.alreadyExists) { try await store.putTransientIfAbsent("t/x", [2]) }
                try await expect(.alreadyExists) { try await store.putIfAbsent("t/x", [2]) }
                try await store.putIfAbsent("t/y", [1])
                try await expect(.alreadyExists) { try await store.putTransientIfAbsent("t/y", [2]) }
                try await Rule.require(try store.list("t/", after: nil).count == 2, "a listing lacks it")
                try await store.delete("t/x")
                try await Rule.require(try store.attributes(of: "t/x") == nil, "it is still there")
            },
            Rule("listings are in byte order, below a folder, after a path") { store in
                for path in ["t/b", "t/a/2", "t/a/10", "t/é", "t/_x/1", "u/1", "t0", "t/a-1", "t/a.1"] {
                    try await store.putIfAbsent(path, [0])
                }
                let all = try await store.list("t/", after: nil).map(\.path)
                let wanted = ["t/_x/1", "t/a-1", "t/a.1", "t/a/10", "t/a/2", "t/b", "t/é"]
                try Rule.require(all == wanted, "the listing is \(all)")
                let rest = try await store.list("t/", after: "t/a/10").map(\.path)
                try Rule.require(rest == ["t/a/2", "t/b", "t/é"], "after a path it is \(rest)")
                let between = try await store.list("t/", after: "t/a/").map(\.path)
                try Rule.require(
                    between == ["t/a/10", "t/a/2", "t/b", "t/é"],
                    "after a prefix it is \(between)"
                )
                try await Rule.require(
                    try store.list("none/", after: nil).isEmpty,
                    "an empty folder lists objects"
                )
                try await Rule.require(
                    try store.list("", after: nil).count == 9,
                    "the root lists other objects"
                )
            },
            Rule("deleting what is not there is no error") { store in
                try await store.putIfAbsent("d", [1])
                try await store.delete("d")
                try await store.delete("d")
                try await Rule.require(try store.attributes(of: "d") == nil, "it is still there")
                try await store.putIfAbsent("d", [2])
                try await Rule.require(try store.read("d") == [2], "it cannot be made again")
            },
            Rule("paths that lead elsewhere are refused") { store in
                for path in ["", "/a", "a//b", "../a", "a/../b", "a/.", "a/"] {
                    try await expect(.invalidPath) { try await store.putIfAbsent(path, [1]) }
                }
            },
        ]
    }

    private static var races: [Rule] {
        [
            Rule("of many who put one object, one wins, and its bytes are whole") { store in
                for round in 0..<10 {
                    let winners = await withTaskGroup(of: UInt8?.self) { group in
                        for writer in 0..<12 as Range<UInt8> {
                            group.addTask {
                                let bytes = [UInt8](repeating: writer, count: 5000)
                                return (try? await store.putIfAbsent("r/\(round)", bytes)).map { writer }
                            }
                        }
                        return await group.reduce(into: [UInt8]()) {
                            if let winner = $1 { $0.append(winner) }
                        }
                    }
                    try Rule.require(winners.count == 1, "\(winners.count) writers were told that they won")
                    let bytes = try await store.read("r/\(round)")
                    let wanted = [UInt8](repeating: winners.first ?? 0, count: 5000)
                    try Rule.require(bytes == wanted, "the bytes are not those of the winner")
                }
            },
            Rule("an object is listed as soon as it is put") { store in
                for number in 0..<30 {
                    try await store.putIfAbsent("l/\(100 + number)", [1])
                    let count = try await store.list("l/", after: nil).count
                    try Rule.require(count == number + 1, "\(count) of \(number + 1) objects are listed")
                }
            },
        ]
    }

    private static var pieces: [Rule] {
        [
            Rule("an object that is written in pieces is there when it is finished, not before") { store in
                let writer = try await store.makeWriter("w/1")
                try await writer.write([1, 2])
                try await Rule.require(
                    try store.list("w/", after: nil).isEmpty,
                    "it is listed before its end"
                )
                try await writer.write([])
                try await writer.write([3])
                try await writer.finish()
                try await Rule.require(try store.read("w/1") == [1, 2, 3], "the bytes differ")
            },
            Rule("an object that is given up leaves nothing") { store in
                let writer = try await store.makeWriter("w/2")
                try await writer.write([9])
                await writer.cancel()
                try await Rule.require(try store.list("w/", after: nil).isEmpty, "something is left")
                try await store.putIfAbsent("w/2", [1])
            },
            Rule("an object written in pieces replaces none") { store in
                try await store.putIfAbsent("w/3", [1])
                try await expect(.alreadyExists) {
                    let writer = try await store.makeWriter("w/3")
                    do {
                        try await writer.write([2])
                        try await writer.finish()
                    } catch {
                        await writer.cancel()
                        throw error
                    }
                }
                try await Rule.require(try store.read("w/3") == [1], "it was replaced")
            },
        ]
    }

    private static func expect(_ code: ObjectStoreError.Code, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as ObjectStoreError {
            return try Rule.require(error.code == code, "the error is \(error.code), not \(code)")
        }
        throw ConformanceFailure("there was no error; \(code) was expected")
    }
}
