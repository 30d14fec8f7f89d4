import ColumnBatches
import DeltaLog
import DeltaTables
import ObjectStores
import Testing

@Suite("Edits of rows") struct RowEditTests {
    static let markSettings: [[String: String]] = [[:], ["delta.enableDeletionVectors": "true"]]

    static func whole(_ rows: [(String, Int64, String?)]) -> ColumnBatch {
        var columns = [ColumnBuilder(.string), ColumnBuilder(.int64), ColumnBuilder(.string)]
        for row in rows {
            columns[0].append(.string(row.0))
            columns[1].append(.integer(row.1))
            columns[2].append(row.2.map { .string($0) } ?? .null)
        }
        return ColumnBatch(
            schema: BatchSchema(DeltaTableTests.schema.fields),
            columns: [columns[0].finish(), columns[1].finish(), columns[2].finish()]
        )
    }

    static func texts(_ table: DeltaTable, _ ids: ClosedRange<Int64>) async throws -> [ColumnValue] {
        var found: [Int64: ColumnValue] = [:]
        for row in try await DeltaTableTests.rows(table) {
            if case .integer(let id) = row[1], ids.contains(id) { found[id] = row[2] }
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    @Test("rows are updated to constants, by rewriting and by deletion vectors", arguments: markSettings)
    func updateConstant(settings: [String: String]) async throws {
        let table = try await MaintenanceTests.makeTable(settings)
        let before = try await MaintenanceTests.ids(table)
        let (version, count) = try await table.update(
            where: .and([.equal("region", .string("eu")), .greaterOrEqual("id", .integer(8))]),
            set: ["text": .string("new")]
        )
        #expect(version == 6)
        #expect(count == 22)
        #expect(try await MaintenanceTests.ids(table) == before)
        #expect(
            try await Self.texts(table, 7...10) == [
                .string("text 0"), .string("new"), .string("new"), .string("text 1"),
            ]
        )
        let info = try #require(try await table.log.commit(at: version).info)
        #expect(info.operation == "UPDATE")
        #expect(info.isBlindAppend == false)
        #expect(info.operationMetrics["numUpdatedRows"] == "22")
        #expect(info.operationMetrics["numCopiedRows"] == (settings.isEmpty ? "8" : "0"))
        #expect(info.operationParameters["predicate"] == "(region = 'eu') AND (id >= 8)")
        let marked = try await table.snapshot().files.count { $0.deletionVector != nil }
        #expect(marked == (settings.isEmpty ? 0 : 1))
        #expect(
            try await table.update(where: .equal("id", .integer(99)), set: ["text": .null]).version == version
        )
    }

    @Test(
        "rows are updated to what a closure makes of them, and move to other partitions",
        arguments: markSettings
    )
    func updateClosure(settings: [String: String]) async throws {
        let table = try await MaintenanceTests.makeTable(settings)
        let (_, count) = try await table.update(where: .isIn("id", [.integer(1), .integer(2), .integer(12)]))
        { batch in
            var ids = ColumnBuilder(.int64)
            for case .integer(let id) in batch.columns[1].values { ids.append(.integer(id + 1000)) }
            return [
                "id": ids.finish(),
                "region": .repeating(.string("ap"), type: .string, count: batch.rowCount),
            ]
        }
        #expect(count == 3)
        #expect(
            try await MaintenanceTests.ids(table, where: .equal("region", .string("ap"))) == [
                1001, 1002, 1012,
            ]
        )
        #expect(try await MaintenanceTests.ids(table).count == 50)
        await #expect(throws: DeltaTableError.self) {
            _ = try await table.update(where: .isNull("text"), set: ["other": .null])
        }
        await #expect(throws: DeltaTableError.self) {
            _ = try await table.update(where: .isNull("text"), set: ["id": .string("x")])
        }
        let files = try await table.snapshot().files.map(\.path)
        await #expect(throws: DeltaTableError.self) {
            _ = try await table.update(where: .less("id", .integer(5))) { _ in
                ["id": .nulls(.int64, count: 1)]
            }
        }
        #expect(try await table.snapshot().files.map(\.path) == files)
    }

    @Test("a table is overwritten, or the rows of a predicate")
    func overwrite() async throws {
        let table = try await MaintenanceTests.makeTable()
        _ = try await table.overwrite(
            with: [Self.whole([("us", 500, "a"), ("us", 501, "b")])],
            where: .equal("region", .string("us"))
        )
        #expect(try await MaintenanceTests.ids(table, where: .equal("region", .string("us"))) == [500, 501])
        #expect(try await MaintenanceTests.ids(table).count == 32)
        let info = try #require(try await table.log.commit(at: 6).info)
        #expect(info.operation == "WRITE")
        #expect(info.operationParameters == ["mode": "Overwrite", "predicate": "region = 'us'"])
        #expect(info.operationMetrics["numOutputRows"] == "2")
        #expect(info.operationMetrics["numRemovedFiles"] == "2")
        let refused = await #expect(throws: DeltaTableError.self) {
            _ = try await table.overwrite(
                with: [Self.whole([("eu", 1, "a")])],
                where: .equal("region", .string("us"))
            )
        }
        #expect(refused?.code == .constraintViolated)
        _ = try await table.overwrite(
            with: [Self.whole([("us", 7, "c")]), Self.whole([("eu", 8, nil), ("us", 9, nil)])]
        )
        #expect(try await MaintenanceTests.ids(table) == [7, 8, 9])
        #expect(try await table.overwrite(with: []).version == 8)
        #expect(try await MaintenanceTests.ids(table).isEmpty)
        let (version, count) = try await table.append(rows: [Self.whole([("us", 1, nil), ("eu", 2, nil)])])
        #expect(version == 9)
        #expect(count == 2)
        #expect(try await table.log.commit(at: 9).info?.isBlindAppend == true)
    }

    /// Batches that come after something else has happened.
    struct Late: AsyncSequence {
        struct AsyncIterator: AsyncIteratorProtocol {
            var before: (() async throws -> Void)?
            var batch: ColumnBatch?

            mutating func next() async throws -> ColumnBatch? {
                try await before?()
                before = nil
                defer { batch = nil }
                return batch
            }
        }
        let before: () async throws -> Void
        let batch: ColumnBatch

        func makeAsyncIterator() -> AsyncIterator { AsyncIterator(before: before, batch: batch) }
    }

    /// What another writer does meanwhile, and what becomes of an edit of the rows of `eu`.
    enum Meanwhile: CaseIterable {
        case appendToOther, appendToSame, deleteFromOther, deleteFromSame, overwriteAll

        var isConflict: Bool { self != .appendToOther && self != .deleteFromOther }

        func happen(to table: DeltaTable) async throws {
            switch self {
            case .appendToOther: _ = try await table.append(rows: [whole([("us", 900, nil)])])
            case .appendToSame: _ = try await table.append(rows: [whole([("eu", 900, nil)])])
            case .deleteFromOther: _ = try await table.delete(where: .equal("id", .integer(11)))
            case .deleteFromSame: _ = try await table.delete(where: .equal("id", .integer(1)))
            case .overwriteAll: _ = try await table.overwrite(with: [whole([("us", 900, nil)])])
            }
        }
    }

    @Test(
        "others that touch the rows of an overwrite or update are a conflict",
        arguments: Meanwhile.allCases,
        [true, false]
    )
    func conflicts(meanwhile: Meanwhile, overwrites: Bool) async throws {
        let table = try await MaintenanceTests.makeTable()
        let eu = Predicate.equal("region", .string("eu"))
        func edit() async throws {
            if overwrites {
                let late = Late(
                    before: { try await meanwhile.happen(to: table) },
                    batch: Self.whole([("eu", 700, "x")])
                )
                _ = try await table.overwrite(with: late, where: eu)
            } else {
                var isFirst = true
                _ = try await table.update(where: eu) { batch in
                    if isFirst { try await meanwhile.happen(to: table) }
                    isFirst = false
                    return ["text": .nulls(.string, count: batch.rowCount)]
                }
            }
        }
        if meanwhile.isConflict {
            let error = await #expect(throws: DeltaLogError.self) { try await edit() }
            #expect(error?.code == .conflict)
        } else {
            try await edit()
            let ids = try await MaintenanceTests.ids(table, where: eu)
            #expect(ids == (overwrites ? [700] : (0..<50).filter { $0 / 10 % 2 == 0 }))
        }
        // No file is left that no version names.
        let named = Set(
            try await table.log.history().flatMap(\.actions).compactMap { action in
                if case .add(let file) = action { "t/" + file.decodedPath } else { nil }
            }
        )
        let there = try await table.store.list("t/", after: nil).map(\.path).filter {
            $0.hasSuffix(".parquet")
        }
        #expect(Set(there) == named)
    }

    @Test("rows of more partitions than files may be open go to their own")
    func manyPartitions() async throws {
        let table = DeltaTable(store: MemoryObjectStore(), path: "t")
        _ = try await table.create(schema: DeltaTableTests.schema)
        let rows = (0..<200).map { ("r\($0 % 50)", Int64($0), Optional("t")) }
        _ = try await table.append(rows: [Self.whole(Array(rows[..<100])), Self.whole(Array(rows[100...]))])
        #expect(try await MaintenanceTests.ids(table) == Array(0..<200))
        #expect(try await table.snapshot().partitions.count == 50)
        #expect(
            try await MaintenanceTests.ids(table, where: .equal("region", .string("r7"))) == [
                7, 57, 107, 157,
            ]
        )
    }
}
