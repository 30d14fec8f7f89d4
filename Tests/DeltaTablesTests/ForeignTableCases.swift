import ColumnBatches
import DeltaLog
import DeltaTables
import Testing

/// A table with each feature that is written.
extension ForeignTableTests {
    static let schema = TableSchema(
        fields: [
            Field("region", .string), Field("id", .int64), Field("text", .string),
            Field("o", .structure([Field("a", .int32), Field("b", .string)])),
            Field("l", .list(element: Field("element", .structure([Field("x", .int64)])))),
            Field("d", .decimal(precision: 12, scale: 3)), Field("day", .date),
        ],
        partitionColumns: ["region"]
    )

    static func rows(_ ids: Range<Int64>, _ text: String) -> ColumnBatch {
        AlterationTests.batch(
            schema.fields,
            ids.map { id in
                [
                    .string(["eu", "us", "a b/ü"][Int(id % 3)]), .integer(id),
                    id % 5 == 0 ? .null : .string("\(text) \(id)"),
                    id % 7 == 0 ? .null : .structure([.integer(id), .string("b")]),
                    .list([.structure([.integer(id)]), .null]), .decimal(Int128(id) * 1001, scale: 3),
                    .date(19_000 + Int32(id)),
                ]
            }
        )
    }

    static func fill(_ table: DeltaTable, _ settings: [String: String] = [:]) async throws {
        _ = try await table.create(schema: schema, configuration: settings)
        _ = try await table.append(rows: [rows(0..<40, "first")])
        _ = try await table.append(rows: [rows(40..<60, "second")])
    }

    static func edit(_ table: DeltaTable) async throws {
        _ = try await table.update(where: .less("id", .integer(10)), set: ["d": .decimal(5, scale: 3)])
        _ = try await table.delete(where: .isIn("id", [.integer(4), .integer(41), .integer(59)]))
        _ = try await table.overwrite(
            with: [rows(100..<101, "replaced")],
            where: .and([.equal("region", .string("us")), .greaterOrEqual("id", .integer(50))])
        )
    }

    static func reshape(_ table: DeltaTable) async throws {
        _ = try await table.alter([
            .renameColumn(["text"], to: "remark"), .dropColumn(["l"]),
            .renameColumn(["o", "a"], to: "number"),
            .addColumn(StructField(name: "text", type: .long, isNullable: true), place: .after("id")),
            .addColumn(StructField(name: "c", type: .string, isNullable: true), to: ["o"]),
        ])
        let fields = try table.schema(of: try await table.snapshot()).fields
        let row: [ColumnValue] = [
            .string("us"), .integer(200), .integer(9), .string("new"),
            .structure([.integer(1), .null, .string("c")]), .null, .null,
        ]
        _ = try await table.append(rows: [AlterationTests.batch(fields, [row])])
        _ = try await table.delete(where: .equal("remark", .string("first 12")))
    }

    static let writes =
        #""append":[{"region":"eu","id":300,"text":"x"}],"merge":[{"region":"eu","id":300,"text":"m"},{"region":"us","id":301}]"#

    /// What this package does to a table that delta-rs appended to and merged into.
    static func goOn(_ table: DeltaTable) async throws {
        #expect(
            try await AlterationTests.values(table, ["text"], where: .equal("id", .integer(300))) == [
                [.string("m")]
            ]
        )
        #expect(
            try await AlterationTests.values(table, ["id"], where: .equal("id", .integer(301))).count == 1
        )
        _ = try await table.update(where: .equal("id", .integer(301)), set: ["text": .string("ours")])
        _ = try await table.append(rows: [rows(400..<410, "last")])
        _ = try await table.optimise()
        try await table.log.writeCheckpoint(try await table.snapshot())
        #expect(try await table.check(readsRows: true).problems == [])
    }

    /// How others add a row once more, by its id.
    ///
    /// DuckDB 1.5 is not asked for tables with column mapping: it takes them, and writes files with the wrong names.
    static func again(_ id: Int, _ engines: String = "\"delta-rs\",\"duckdb\"") -> String {
        "\"repeat\":\(id),\"by\":[\(engines)]"
    }

    /// What this package does to a table to which others added a row once more, so often.
    static func goOn(_ id: Int64, _ engines: Int = 2) -> @Sendable (DeltaTable) async throws -> Void {
        { table in
            let snapshot = try await table.snapshot()
            let wanted = Predicate.equal("id", .integer(id))
            var rows: [[ColumnValue]] = []
            for try await batch in try table.rows(of: snapshot, where: wanted) {
                for row in 0..<batch.rowCount { rows.append(batch.row(row)) }
            }
            #expect(rows.count == 1 << engines)
            #expect(Set(rows).count == 1)
            #expect(try await table.update(where: wanted, set: ["day": .date(7)]).rowCount == rows.count)
            _ = try await table.optimise()
            try await table.log.writeCheckpoint(try await table.snapshot())
            #expect(try await table.check(readsRows: true).problems == [])
        }
    }

    static let vectors = ["delta.enableDeletionVectors": "true"]
    static let feed = ["delta.enableChangeDataFeed": "true"]
    static let mapped = ["delta.columnMapping.mode": "name"]

    static let cases: [Case] = [
        Case(
            "edits",
            "{\(writes)}",
            build: {
                try await fill($0); try await edit($0)
            },
            goOn: goOn
        ),
        Case(
            "vectors",
            "{\(writes)}",
            build: {
                try await fill($0, vectors); try await edit($0)
            },
            goOn: goOn
        ),
        Case(
            "mapped",
            "{\(again(200, "\"delta-rs\""))}",
            build: {
                try await fill($0, mapped); try await edit($0); try await reshape($0)
            },
            goOn: goOn(200, 1)
        ),
        Case(
            "mapped-vectors",
            "{\(again(200, "\"delta-rs\""))}",
            build: {
                try await fill($0, mapped.merging(vectors) { $1 })
                try await edit($0)
                try await reshape($0)
                _ = try await $0.alter([.renameColumn(["region"], to: "zone")])
                try await $0.log.writeCheckpoint(try await $0.snapshot())
            },
            goOn: goOn(200, 1)
        ),
        Case(
            "mapped-later",
            "{\(again(200, "\"delta-rs\""))}",
            build: {
                try await fill($0)
                _ = try await $0.alter([.set("delta.columnMapping.mode", "name")])
                try await reshape($0)
                _ = try await $0.optimise()
            },
            goOn: goOn(200, 1)
        ),
        Case(
            "mapped-by-id",
            "{\(again(200, "\"delta-rs\""))}",
            build: {
                try await fill($0, ["delta.columnMapping.mode": "id"]); try await reshape($0)
            },
            goOn: goOn(200, 1)
        ),
        Case(
            "widened",
            #"{"skip":{"delta-rs":"does not know type widening"}}"#,
            build: { table in
                let fields = [
                    Field("n", .int32), Field("f", .float), Field("d", .decimal(precision: 5, scale: 2)),
                ]
                _ = try await table.create(schema: TableSchema(fields: fields))
                let row: [ColumnValue] = [.integer(7), .float(1.5), .decimal(-123, scale: 2)]
                _ = try await table.append(rows: [
                    AlterationTests.batch(fields, [row, [.null, .null, .null]])
                ])
                _ = try await table.alter([
                    .set("delta.enableTypeWidening", "true"), .widenColumn(["n"], to: .long),
                    .widenColumn(["f"], to: .double),
                    .widenColumn(["d"], to: .decimal(precision: 12, scale: 4)),
                ])
                let wide = try table.schema(of: try await table.snapshot()).fields
                let more: [ColumnValue] = [
                    .integer(1 << 40), .double(0.1), .decimal(99_999_999_9999, scale: 4),
                ]
                _ = try await table.append(rows: [AlterationTests.batch(wide, [more])])
            }
        ),
        Case(
            "rules",
            #"{"refuse":[{"region":"eu","id":-1}],\#(writes)}"#,
            build: {
                try await fill($0)
                _ = try await $0.alter([.addConstraint("ids", "id >= 0 AND region IS NOT NULL")])
                try await edit($0)
            },
            goOn: goOn
        ),
        Case(
            "changes",
            #"{"changes":3,\#(writes)}"#,
            build: {
                try await fill($0, feed); try await edit($0)
            },
            goOn: goOn
        ),
        Case(
            "changes-vectors",
            "{\"changes\":3,\(again(0))}",
            build: {
                try await fill($0, feed.merging(vectors) { $1 }); try await edit($0)
            },
            goOn: goOn(0)
        ),
        Case(
            "changes-mapped",
            "{\(again(200, "\"delta-rs\""))}",
            build: {
                try await fill($0, feed.merging(mapped) { $1 }); try await edit($0); try await reshape($0)
            },
            goOn: goOn(200, 1)
        ),
        Case(
            "instants",
            "{\(again(0, "\"duckdb\""))}",
            build: {
                try await fill($0)
                try await $0.log.writeChecksum(try await $0.snapshot())
                _ = try await $0.alter([.set("delta.enableInCommitTimestamps", "true")])
                try await edit($0)
                try await $0.log.writeCheckpoint(try await $0.snapshot())
            },
            goOn: goOn(0, 1)
        ),
        Case(
            "checkpoints",
            "{\(again(200, "\"delta-rs\""))}",
            build: {
                try await fill(
                    $0,
                    mapped.merging([
                        "delta.checkpointPolicy": "v2", "delta.checkpoint.writeStatsAsStruct": "true",
                        "delta.checkpoint.writeStatsAsJson": "false",
                    ]) { $1 }
                )
                try await reshape($0)
                try await $0.log.writeCheckpoint(try await $0.snapshot())
            },
            goOn: goOn(200, 1)
        ),
    ]
}
