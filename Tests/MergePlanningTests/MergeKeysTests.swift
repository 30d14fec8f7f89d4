import MergePlanning
import Testing

@Suite("MergeKeys") struct MergeKeysTests {
    static let columns = ["id", "a", "b"]

    @Test("the primary key comes first")
    func primaryKey() throws {
        let keys = try MergeKeys.choose(
            primaryKey: ["id"],
            uniqueKeys: [("u", ["a"], false)],
            configured: nil,
            columns: Self.columns
        )
        #expect(keys == MergeKeys(columns: ["id"], origin: .primaryKey))
    }

    @Test("a unique index serves when none of its columns is nullable")
    func uniqueIndex() throws {
        let keys = try MergeKeys.choose(
            primaryKey: [],
            uniqueKeys: [("n", ["a"], true), ("u", ["a", "b"], false)],
            configured: nil,
            columns: Self.columns
        )
        #expect(keys == MergeKeys(columns: ["a", "b"], origin: .uniqueIndex("u")))
    }

    @Test("configured columns win, and count as the source's when it guarantees them")
    func configured() throws {
        let own = try MergeKeys.choose(
            primaryKey: ["id"],
            uniqueKeys: [],
            configured: ["a"],
            columns: Self.columns
        )
        #expect(own.origin == .configured && !own.isUniqueInSource)
        let same = try MergeKeys.choose(
            primaryKey: ["a", "b"],
            uniqueKeys: [],
            configured: ["b", "a"],
            columns: Self.columns
        )
        #expect(same.isUniqueInSource)
    }

    @Test("a table without any usable key is refused with the cure")
    func none() {
        #expect {
            try MergeKeys.choose(
                primaryKey: [],
                uniqueKeys: [("n", ["a"], true)],
                configured: nil,
                columns: Self.columns
            )
        } throws: { error in
            let error = error as? MergeError
            return error?.code == .noKey && error?.message.contains("\"keys\"") == true
        }
    }

    @Test("a configured column that is not there is named")
    func missing() {
        #expect {
            try MergeKeys.choose(
                primaryKey: ["id"],
                uniqueKeys: [],
                configured: ["id", "zip"],
                columns: Self.columns
            )
        } throws: { ($0 as? MergeError)?.column == "zip" }
    }
}
