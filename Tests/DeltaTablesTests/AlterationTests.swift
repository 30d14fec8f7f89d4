import ColumnBatches
import DeltaLog
import DeltaTables
import ObjectStores
import Testing

@Suite("Alterations") struct AlterationTests {
    static let mapped = ["delta.columnMapping.mode": "name"]

    static func values(_ table: DeltaTable, _ columns: [String], where predicate: Predicate? = nil)
        async throws -> Set<
            [ColumnValue]
        >
    {
        var found: Set<[ColumnValue]> = []
        for try await batch in try table.rows(
            of: try await table.snapshot(),
            columns: columns,
            where: predicate
        ) {
            for row in 0..<batch.rowCount { found.insert(batch.row(row)) }
        }
        return found
    }

    static func batch(_ fields: [Field], _ rows: [[ColumnValue]]) -> ColumnBatch {
        let columns = fields.indices.map { index in
            var builder = ColumnBuilder(fields[index].type)
            for row in rows { builder.append(row[index]) }
            return builder.finish()
        }
        return ColumnBatch(schema: BatchSchema(fields), columns: columns, rowCount: rows.count)
    }

    @Test("columns are renamed and dropped, mapped from the start or later", arguments: [true, false])
    func mapping(fromStart: Bool) async throws {
        let table = try await MaintenanceTests.makeTable(fromStart ? Self.mapped : [:], commits: 3)
        if !fromStart { _ = try await table.alter([.set("delta.columnMapping.mode", "name")]) }
        let version = try await table.alter([
            .renameColumn(["text"], to: "note"), .renameColumn(["region"], to: "zone"),
            .addColumn(StructField(name: "text", type: .long, isNullable: true)),
        ])
        let snapshot = try await table.snapshot()
        #expect(snapshot.version == version)
        #expect(snapshot.protocol.minReaderVersion == 3)
        #expect(snapshot.protocol.readerFeatures == ["columnMapping"])
        #expect(snapshot.metadata.partitionColumns == ["zone"])
        let fields = try table.schema(of: snapshot).fields
        #expect(fields.map(\.name) == ["zone", "id", "note", "text"])
        _ = try await table.append(
            Self.batch(Array(fields[1...]), [[.integer(900), .string("n"), .integer(7)]]),
            partition: ["zone": "eu"]
        )
        #expect(
            try await Self.values(table, ["id", "note"], where: .equal("zone", .string("us"))).count == 10
        )
        #expect(
            try await Self.values(table, ["zone", "id", "note", "text"], where: .greater("id", .integer(28)))
                == [
                    [.string("eu"), .integer(29), .string("text 2"), .null],
                    [.string("eu"), .integer(900), .string("n"), .integer(7)],
                ]
        )
        // Statistics and partition values go by the names in files, and prune.
        let pruned = try table.rows(of: try await table.snapshot(), where: .equal("note", .string("n")))
        #expect(pruned.files.count == 1)
        let physical = snapshot.schema.fields.map { $0.physicalName(.name) }
        #expect(physical[1] == "id" || fromStart)
        #expect(Set(pruned.files[0].partitionValues.keys) == [physical[0]])
        #expect(
            try #require(pruned.files[0].stats.flatMap { FileStatistics(json: $0) }).nullCount.keys.sorted()
                == physical[1...].sorted()
        )
        // A dropped name comes back as another column.
        _ = try await table.alter([.dropColumn(["note"])])
        _ = try await table.alter([
            .addColumn(StructField(name: "note", type: .string, isNullable: true), place: .first)
        ])
        #expect(try await Self.values(table, ["note"]) == [[.null]])
        #expect(
            try table.schema(of: try await table.snapshot()).fields.map(\.name) == [
                "note", "zone", "id", "text",
            ]
        )
        let numbers = try await table.snapshot().schema.fields.compactMap(\.fieldID)
        #expect(numbers.sorted() == [1, 2, 4, 5])
        // Work on the table goes by the new names.
        #expect(try await table.delete(where: .equal("zone", .string("us"))).rowCount == 10)
        #expect(
            try await table.update(where: .less("id", .integer(5)), set: ["text": .integer(1)]).rowCount == 5
        )
        _ = try await table.optimise()
        #expect(try await Self.values(table, ["text"]) == [[.null], [.integer(1)], [.integer(7)]])
        #expect(try await Self.values(table, ["id"]).count == 21)
        #expect(try await table.check(readsRows: true).problems == [])
        #expect(
            Set(try await table.snapshot().files.map { $0.decodedPath.split(separator: "/")[0].utf8.count })
                == [2]
        )
        _ = try await table.restore(to: 3)
        #expect(try await Self.values(table, ["region", "text"]).count == 3)
        #expect(try await table.snapshot().metadata.configuration["delta.columnMapping.maxColumnId"] == "5")
    }

    @Test("fields within structures, lists and maps are added, renamed, dropped and moved")
    func nested() async throws {
        let inner = ColumnType.structure([Field("a", .int64), Field("b", .string)])
        let fields = [
            Field("s", inner), Field("l", .list(element: Field("element", inner))),
            Field("m", .map(key: Field("key", .string, isNullable: false), value: Field("value", inner))),
        ]
        let table = DeltaTable(store: MemoryObjectStore(), path: "t")
        _ = try await table.create(schema: TableSchema(fields: fields), configuration: Self.mapped)
        let one = ColumnValue.structure([.integer(1), .string("x")])
        let row: [ColumnValue] = [one, .list([one, .null]), .map([.init(.string("k"), one)])]
        _ = try await table.append(Self.batch(fields, [row, [.null, .null, .null]]))
        let number = StructField(name: "c", type: .integer, isNullable: true)
        _ = try await table.alter([
            .addColumn(number, to: ["s"], place: .first), .renameColumn(["l", "element", "a"], to: "z"),
            .dropColumn(["m", "value", "b"]), .moveColumn(["m"], .first),
        ])
        #expect(
            try await Self.values(table, ["m", "s", "l"]) == [
                [
                    .map([.init(.string("k"), .structure([.integer(1)]))]),
                    .structure([.null, .integer(1), .string("x")]), .list([one, .null]),
                ], [.null, .null, .null],
            ]
        )
        let after = try table.schema(of: try await table.snapshot()).fields
        #expect(after.map(\.name) == ["m", "s", "l"])
        let more: [ColumnValue] = [
            .map([.init(.string("q"), .structure([.integer(2)]))]), .structure([.integer(5), .null, .null]),
            .list([.structure([.integer(6), .null])]),
        ]
        _ = try await table.append(Self.batch(after, [more]))
        #expect(try await Self.values(table, ["m", "s", "l"]).contains(more))
        // Lists of new tables have numbers too, each its own.
        let numbers = try await table.snapshot().metadata.configuration["delta.columnMapping.maxColumnId"]
        #expect(numbers == "10")
    }

    @Test("types are widened, and old files read as the new type")
    func widening() async throws {
        let fields = [
            Field("n", .int32), Field("f", .float), Field("d", .decimal(precision: 5, scale: 2)),
            Field("t", .date),
            Field("l", .list(element: Field("element", .int16))), Field("p", .int16),
        ]
        let table = DeltaTable(store: MemoryObjectStore(), path: "t")
        _ = try await table.create(schema: TableSchema(fields: fields, partitionColumns: ["p"]))
        let row: [ColumnValue] = [
            .integer(7), .float(1.5), .decimal(123, scale: 2), .date(10), .list([.integer(3)]), .integer(4),
        ]
        _ = try await table.append(rows: [Self.batch(fields, [row])])
        let early = await #expect(throws: DeltaLogError.self) {
            _ = try await table.alter([.widenColumn(["n"], to: .long)])
        }
        #expect(early?.code == .invalidChange)
        _ = try await table.alter([
            .set("delta.enableTypeWidening", "true"), .widenColumn(["n"], to: .long),
            .widenColumn(["f"], to: .double),
            .widenColumn(["d"], to: .decimal(precision: 10, scale: 4)),
            .widenColumn(["t"], to: .timestampNTZ),
            .widenColumn(["l", "element"], to: .integer), .widenColumn(["p"], to: .integer),
        ])
        let snapshot = try await table.snapshot()
        #expect(snapshot.protocol.readerFeatures == ["timestampNtz", "typeWidening"])
        #expect(
            snapshot.schema.fields[0].metadata["delta.typeChanges"]
                == #"[{"fromType":"integer","toType":"long"}]"#
        )
        #expect(
            snapshot.schema.fields[4].metadata["delta.typeChanges"]
                == #"[{"fieldPath":"element","fromType":"short","toType":"integer"}]"#
        )
        let widened: [ColumnValue] = [
            .integer(7), .double(1.5), .decimal(12300, scale: 4), .timestampNTZ(864_000_000_000),
            .list([.integer(3)]),
            .integer(4),
        ]
        let names = fields.map(\.name)
        #expect(try await Self.values(table, names) == [widened])
        var large = widened
        large[0] = .integer(1 << 40)
        _ = try await table.append(rows: [Self.batch(try table.schema(of: snapshot).fields, [large])])
        #expect(try await Self.values(table, names) == [widened, large])
        #expect(
            try await Self.values(table, ["n"], where: .greater("n", .integer(1 << 39))) == [
                [.integer(1 << 40)]
            ]
        )
        _ = try await table.optimise()
        #expect(try await Self.values(table, names) == [widened, large])
        try await table.log.writeCheckpoint(try await table.snapshot())
        #expect(try await table.snapshot().schema == snapshot.schema)
    }

    static let refused: [[TableChange]] = [
        [.renameColumn(["id"], to: "other")], [.dropColumn(["id"])], [.widenColumn(["id"], to: .double)],
        [.set("delta.columnMapping.mode", "id")], [.set("delta.enableRowTracking", "true")],
        [.set("delta.columnMapping.maxColumnId", "1")], [.unset("nothing")],
        [.addColumn(StructField(name: "ID", type: .long, isNullable: true))],
        [.addColumn(StructField(name: "x", type: .long, isNullable: false))],
        [.addColumn(StructField(name: "a b", type: .long, isNullable: true))],
        [.addColumn(StructField(name: "x", type: .long, isNullable: true), to: ["id"])],
        [.moveColumn(["id"], .after("x"))], [.makeNullable(["x"])], [.addConstraint("c", "frobnicate(id)")],
        [.addConstraint("c", "x > 1")], [.addConstraint("c", "id > 1"), .addConstraint("c", "id > 2")],
        [.set("delta.columnMapping.mode", "name"), .dropColumn(["region"])],
        [.set("delta.columnMapping.mode", "name"), .dropColumn(["id"]), .dropColumn(["text"])],
        [.set("delta.columnMapping.mode", "name"), .renameColumn(["id"], to: "TEXT")],
        [.set("delta.columnMapping.mode", "name"), .set("delta.columnMapping.mode", "none")],
        [
            .set("delta.columnMapping.mode", "name"), .addConstraint("c", "id > 1"),
            .renameColumn(["id"], to: "x"),
        ],
        [.set("delta.enableTypeWidening", "true"), .widenColumn(["id"], to: .integer)],
        [
            .set("delta.enableTypeWidening", "true"),
            .widenColumn(["id"], to: .decimal(precision: 20, scale: 2)),
        ],
    ]

    @Test("a change that would break the table is refused", arguments: refused)
    func refusals(changes: [TableChange]) async throws {
        let table = try await MaintenanceTests.makeTable(commits: 1)
        let error = await #expect(throws: DeltaLogError.self) { _ = try await table.alter(changes) }
        #expect(error?.code == .invalidChange)
        #expect(try await table.snapshot().version == 1)
    }

    @Test("an upgraded protocol names what was implied before, and nothing twice")
    func upgrades() async throws {
        let table = try await MaintenanceTests.makeTable(commits: 1)
        #expect(
            try await table.snapshot().protocol == TableProtocol(minReaderVersion: 1, minWriterVersion: 2)
        )
        _ = try await table.alter([.set("delta.enableChangeDataFeed", "true")])
        var expected = TableProtocol(
            minReaderVersion: 1,
            minWriterVersion: 7,
            writerFeatures: ["appendOnly", "changeDataFeed", "invariants"]
        )
        #expect(try await table.snapshot().protocol == expected)
        _ = try await table.alter([.set("delta.enableDeletionVectors", "true")])
        expected = TableProtocol(
            minReaderVersion: 3,
            minWriterVersion: 7,
            readerFeatures: ["deletionVectors"],
            writerFeatures: ["appendOnly", "changeDataFeed", "deletionVectors", "invariants"]
        )
        #expect(try await table.snapshot().protocol == expected)
        let version = try await table.alter([.set("note", "x")])
        #expect(try await table.snapshot().protocol == expected)
        #expect(try await table.alter([.set("note", "x")]) == version)
        let legacy = TableProtocol(minReaderVersion: 2, minWriterVersion: 5).adding(["deletionVectors"])
        #expect(legacy.readerFeatures == ["columnMapping", "deletionVectors"])
        #expect(legacy.writerFeatures?.count == 7)
    }

    @Test("switching in-commit timestamps on says since when, whoever commits before")
    func inCommitTimestamps() async throws {
        let table = try await MaintenanceTests.makeTable(commits: 2)
        let version = try await table.alter([.set("delta.enableInCommitTimestamps", "true")])
        let commit = try await table.log.commit(at: version)
        let time = try #require(commit.info?.inCommitTimestamp)
        let settings = try await table.snapshot().metadata.configuration
        #expect(settings["delta.inCommitTimestampEnablementVersion"] == "3")
        #expect(settings["delta.inCommitTimestampEnablementTimestamp"] == String(time))
        _ = try await table.delete(where: .equal("id", .integer(1)))
        #expect(try #require(try await table.snapshot().timestamp) > time)
        _ = try await table.alter([.set("note", "x")])
        #expect(
            try await table.snapshot().metadata.configuration["delta.inCommitTimestampEnablementVersion"]
                == "3"
        )
    }

    @Test("a writer from before a rename is refused, one from before an added column goes on")
    func conflicts() async throws {
        let table = try await MaintenanceTests.makeTable(Self.mapped, commits: 1)
        func append(while change: TableChange) async throws {
            let late = RowEditTests.Late(
                before: { _ = try await table.alter([change]) },
                batch: RowEditTests.whole([("eu", 70, "x")])
            )
            _ = try await table.append(rows: late)
        }
        let column = StructField(name: "more", type: .long, isNullable: true)
        try await append(while: .addColumn(column))
        #expect(try await Self.values(table, ["id"]).count == 11)
        let second = RowEditTests.Late(
            before: { _ = try await table.alter([.renameColumn(["text"], to: "note")]) },
            batch: Self.batch(
                try table.schema(of: try await table.snapshot()).fields,
                [[.string("eu"), .integer(71), .string("y"), .null]]
            )
        )
        let error = await #expect(throws: DeltaLogError.self) { _ = try await table.append(rows: second) }
        #expect(error?.conflict == .metadataChanged)
        let files = try await table.store.list("t/", after: nil).filter { $0.path.hasSuffix(".parquet") }
        #expect(files.count == 2)
    }
}
