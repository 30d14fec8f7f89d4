import ColumnBatches
import DeltaLog
import DeltaTables
import Foundation
import ObjectStores
import Testing

/// Tables like those that delta-kernel-rs lists as not read, or not refused, in its acceptance workloads
/// (`acceptance/tests/acceptance_workloads_reader.rs`), made anew.
@Suite("Tables that other readers fail on") struct WorkloadEdgeTests {
    static func name(_ version: Int, _ ending: String = "json") -> String {
        "t/_delta_log/" + String(repeating: "0", count: 20 - String(version).count) + "\(version)." + ending
    }

    static func replace(_ table: DeltaTable, _ path: String, _ change: (String) -> String) async throws {
        let old = String(decoding: try await table.store.read(path), as: UTF8.self)
        let new = change(old)
        try #require(new != old, "\(path) was not changed")
        try await table.store.delete(path)
        try await table.store.putIfAbsent(path, Array(new.utf8))
    }

    static func replace(_ table: DeltaTable, _ version: Int, _ old: String, _ new: String) async throws {
        try await replace(table, name(version)) { $0.replacingOccurrences(of: old, with: new) }
    }

    /// A copy of a line of a commit that holds a text.
    static func line(_ table: DeltaTable, _ version: Int, _ text: String) async throws -> String {
        let commit = String(decoding: try await table.store.read(name(version)), as: UTF8.self)
        return try #require(commit.split(separator: "\n").first { $0.contains(text) }.map(String.init))
    }

    static func append(_ table: DeltaTable, _ version: Int, _ line: String) async throws {
        try await replace(table, name(version)) { $0 + line + "\n" }
    }

    // MARK: Refused

    struct Damage: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code: DeltaLogError.Code
        var make: @Sendable (DeltaTable) async throws -> Void

        init(
            _ description: String,
            _ code: DeltaLogError.Code,
            _ make: @escaping @Sendable (DeltaTable) async throws -> Void
        ) {
            testDescription = description
            self.code = code
            self.make = make
        }
    }

    static let damages: [Damage] = [
        Damage("two metaData in a commit", .corruptCommit) {
            try await append($0, 0, try await line($0, 0, "\"metaData\""))
        },
        Damage("two protocols in a commit", .corruptCommit) {
            try await append($0, 0, try await line($0, 0, "\"protocol\""))
        },
        Damage("one file added twice in a commit", .corruptCommit) {
            try await append($0, 2, try await line($0, 2, "\"add\""))
        },
        Damage("one file added and removed in a commit", .corruptCommit) {
            let add = try await line($0, 2, "\"add\"")
            try await append($0, 2, add.replacingOccurrences(of: "{\"add\":{", with: "{\"remove\":{"))
        },
        Damage("a commit that is cut short", .corruptCommit) {
            try await replace($0, name(3)) { String($0.dropLast(40)) }
        },
        Damage("a commit that is no JSON", .corruptCommit) {
            try await replace($0, name(3)) { _ in "this is not JSON" }
        },
        Damage("an empty schema", .corruptSchema) {
            try await replace($0, name(0)) { schema($0, "") }
        },
        Damage("a schema that is no JSON", .corruptSchema) {
            try await replace($0, name(0)) { schema($0, "{not json") }
        },
        Damage("a schema that is no struct", .corruptSchema) {
            try await replace($0, name(0)) { schema($0, "{}") }
        },
        Damage("an unknown column mapping", .unsupportedFeature) {
            try await replace(
                $0,
                0,
                #""configuration":{"#,
                #""configuration":{"delta.columnMapping.mode":"surprise""#
            )
        },
        Damage("column mapping without names", .corruptSchema) {
            try await replace(
                $0,
                0,
                #""configuration":{"#,
                #""configuration":{"delta.columnMapping.mode":"name""#
            )
        },
        Damage("an unknown reader feature", .unsupportedFeature) {
            try await replace($0, name(0)) {
                protocolLine($0, #""readerFeatures":["surprise"],"writerFeatures":["surprise"]"#)
            }
        },
        Damage("reader version 3 without features", .corruptCommit) {
            try await replace($0, name(0)) { protocolLine($0, #""writerFeatures":[]"#) }
        },
        Damage("no version 0, and checksums", .versionMissing) {
            try await $0.store.delete(name(0))
            for version in 0...5 { try await $0.store.putIfAbsent(name(version, "crc"), Array("{}".utf8)) }
        },
        Damage("an empty log", .notATable) {
            for version in 0...5 { try await $0.store.delete(name(version)) }
            try await $0.store.putIfAbsent("t/_delta_log/.keep", [])
        },
        Damage("a checkpoint that is no Parquet, without older commits", .corruptCheckpoint) {
            try await $0.log.writeCheckpoint(try await $0.snapshot())
            try await replace($0, name(5, "checkpoint.parquet")) { _ in "PAR1 nothing PAR1" }
            try await $0.store.delete(name(0))
        },
        Damage("a checkpoint without a protocol", .notATable) {
            try await $0.log.writeCheckpoint(try await $0.snapshot())
            let kept = try await line($0, 0, "\"metaData\"")
            for version in 0...4 { try await $0.store.delete(name(version)) }
            try await $0.store.delete(name(5, "checkpoint.parquet"))
            try await $0.store.delete("t/_delta_log/_last_checkpoint")
            let json = name(5, "checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json")
            try await $0.store.putIfAbsent(
                json,
                Array("{\"checkpointMetadata\":{\"version\":5}}\n\(kept)\n".utf8)
            )
        },
    ]

    static func schema(_ commit: String, _ new: String) -> String {
        commit.replacing(/"schemaString":"(?:[^"\\]|\\.)*"/, with: "\"schemaString\":\"\(new)\"")
    }

    static func protocolLine(_ commit: String, _ features: String) -> String {
        commit.replacing(
            /\{"protocol":.*\}\}/,
            with: #"{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"# + features + "}}"
        )
    }

    @Test("a damaged log is refused by its place", arguments: damages)
    func refused(damage: Damage) async throws {
        let table = try await MaintenanceTests.makeTable()
        try await damage.make(table)
        await #expect {
            for try await _ in try table.rows(of: try await table.snapshot()) {}
        } throws: { error in
            (error as? DeltaLogError)?.code == damage.code
        }
    }

    // MARK: Read

    @Test(
        "a checkpoint that is not whole, missing or damaged is passed over",
        arguments: ["part", "missing", "damaged", "hint"]
    )
    func checkpoints(kind: String) async throws {
        let table = try await MaintenanceTests.makeTable()
        try await table.log.writeCheckpoint(try await table.snapshot())
        let path = Self.name(5, "checkpoint.parquet")
        let bytes = try await table.store.read(path)
        if kind != "hint" { try await table.store.delete(path) }
        switch kind {
        case "part":
            try await table.store.putIfAbsent(Self.name(5, "checkpoint.0000000001.0000000002.parquet"), bytes)
        case "damaged": try await table.store.putIfAbsent(path, Array(bytes.dropLast(30)))
        case "hint":
            try await table.store.delete("t/_delta_log/_last_checkpoint")
            try await table.store.putIfAbsent(
                "t/_delta_log/_last_checkpoint",
                Array("{\"version\":4,\"size\":1,\"parts\":2}".utf8)
            )
        default: break
        }
        #expect(try await MaintenanceTests.ids(table) == Array(0..<50))
        _ = try await table.append(rows: [RowEditTests.whole([("eu", 62, nil)])])
        #expect(try await MaintenanceTests.ids(table).count == 51)
    }

    static func mapped() async throws -> DeltaTable {
        let table = DeltaTable(store: MemoryObjectStore(), path: "t")
        let fields = [Field("a", .int64), Field("b", .int64), Field("c", .structure([Field("x", .int64)]))]
        _ = try await table.create(
            schema: TableSchema(fields: fields, partitionColumns: []),
            configuration: ["delta.columnMapping.mode": "name"]
        )
        let rows: [[ColumnValue]] = (0..<5).map {
            [.integer($0), .integer($0 + 100), .structure([.integer($0 + 200)])]
        }
        _ = try await table.append(rows: [AlterationTests.batch(fields, rows)])
        try await replace(table, name(0)) {
            $0.replacing(/"delta.columnMapping.mode":"name"/, with: #""delta.columnMapping.mode":"id""#)
        }
        // The statistics would be those of the names that are changed below.
        try await replace(table, name(1)) { $0.replacing(/,"stats":"(?:[^"\\]|\\.)*"/, with: "") }
        return table
    }

    /// The physical name of a column as the commit has it.
    static func physical(_ table: DeltaTable, _ column: String) async throws -> String {
        let snapshot = try await table.snapshot()
        let field = try #require(snapshot.schema.fields.first { $0.name == column })
        return field.physicalName(.name)
    }

    @Test("columns that are found by number are not found by name")
    func swappedNames() async throws {
        let table = try await Self.mapped()
        let (a, b) = (try await Self.physical(table, "a"), try await Self.physical(table, "b"))
        try await Self.replace(table, Self.name(0)) {
            $0.replacingOccurrences(of: a, with: "X").replacingOccurrences(of: b, with: a)
                .replacingOccurrences(of: "X", with: b)
        }
        let found = try await AlterationTests.values(table, ["a", "b"])
        #expect(found == Set((0..<5).map { [.integer($0), .integer($0 + 100)] }))
        #expect(
            try await AlterationTests.values(table, ["b"], where: .equal("a", .integer(3))) == [
                [.integer(103)]
            ]
        )
        #expect(
            try await AlterationTests.values(table, ["b", "a"])
                == Set((0..<5).map { [.integer($0 + 100), .integer($0)] })
        )
    }

    @Test("a column whose number no file has is without values")
    func missingNumber() async throws {
        let table = try await Self.mapped()
        try await Self.replace(table, Self.name(0)) {
            $0.replacing(/\\"delta.columnMapping.id\\":2/, with: #"\"delta.columnMapping.id\":77"#)
        }
        #expect(
            try await AlterationTests.values(table, ["a", "b"]) == Set((0..<5).map { [.integer($0), .null] })
        )
        #expect(try await AlterationTests.values(table, ["b"]) == [[.null]])
    }

    @Test("columns of type void have no values, at any depth, and can get a type later")
    func void() async throws {
        let table = try await Self.mapped()
        try await Self.replace(table, Self.name(0)) {
            $0.replacing(/\\"name\\":\\"(b|x)\\",(.*?)\\"type\\":\\"long\\"/) {
                #"\"name\":\""# + $0.output.1 + #"\","# + $0.output.2 + #"\"type\":\"void\""#
            }
        }
        #expect(try await table.snapshot().schema.fields[1].type == .void)
        let found = try await AlterationTests.values(table, ["a", "b", "c"])
        #expect(found == Set((0..<5).map { [.integer($0), .null, .structure([.null])] }))
        #expect(
            try await AlterationTests.values(table, ["c"], where: .isNull("b")) == [[.structure([.null])]]
        )
    }

    @Test("an interval column is refused by its type")
    func interval() async throws {
        let table = try await MaintenanceTests.makeTable(commits: 1)
        try await Self.replace(table, Self.name(0)) {
            $0.replacing(/\\"name\\":\\"text\\",(.*?)\\"type\\":\\"string\\"/) {
                #"\"name\":\"text\","# + $0.output.1 + #"\"type\":\"interval day to second\""#
            }
        }
        await #expect { _ = try await table.snapshot() } throws: {
            ($0 as? DeltaLogError)?.code == .unsupportedType && "\($0)".contains("interval day to second")
        }
    }

    // MARK: Deletion vectors

    static func vectored() async throws -> (table: DeltaTable, descriptor: DeletionVectorDescriptor) {
        let table = try await MaintenanceTests.makeTable(["delta.enableDeletionVectors": "true"], commits: 2)
        _ = try await table.delete(where: .isIn("id", [.integer(3), .integer(4), .integer(17)]))
        let file = try #require(try await table.snapshot().files.first { $0.deletionVector != nil })
        return (table, try #require(file.deletionVector))
    }

    @Test(
        "a deletion vector that is not what the log says is refused, and no row comes back",
        arguments: ["checksum", "missing", "path", "type", "cardinality", "size"]
    )
    func damagedVector(kind: String) async throws {
        let (table, descriptor) = try await Self.vectored()
        let path = "t/" + (try #require(descriptor.logPath))
        switch kind {
        case "checksum":
            var bytes = try await table.store.read(path)
            bytes[bytes.count - 1] ^= 1
            try await table.store.delete(path)
            try await table.store.putIfAbsent(path, bytes)
        case "missing": try await table.store.delete(path)
        case "path": try await Self.replace(table, 3, descriptor.pathOrInlineDV, "not a UUID")
        case "type": try await Self.replace(table, 3, #""storageType":"u""#, #""storageType":"q""#)
        case "cardinality": try await Self.replace(table, 3, #""cardinality":2"#, #""cardinality":9"#)
        default:
            try await Self.replace(
                table,
                3,
                #""sizeInBytes":\#(descriptor.sizeInBytes)"#,
                #""sizeInBytes":7"#
            )
        }
        await #expect {
            for try await _ in try table.rows(of: try await table.snapshot()) {}
        } throws: {
            ($0 as? DeltaLogError)?.code == (kind == "type" ? .corruptCommit : .corruptDeletionVector)
        }
    }

    @Test(
        "a deletion vector by an absolute path is found, with escapes in the path",
        arguments: ["plain", "with blank", "ü%20+"]
    )
    func absoluteVector(folder: String) async throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent(
            "vectors-\(UUID().uuidString)"
        )
        defer { try? FileManager.default.removeItem(at: root) }
        let store = LocalObjectStore(root: root.path)
        let table = DeltaTable(store: store, path: "t")
        _ = try await table.create(
            schema: DeltaTableTests.schema,
            configuration: ["delta.enableDeletionVectors": "true"]
        )
        _ = try await table.append(rows: [RowEditTests.whole((0..<10).map { ("eu", $0, nil) })])
        _ = try await table.delete(where: .isIn("id", [.integer(3), .integer(4)]))
        let descriptor = try #require(try await table.snapshot().files.first?.deletionVector)
        let name = try #require(descriptor.logPath)
        let elsewhere = root.appendingPathComponent(folder)
        try FileManager.default.createDirectory(at: elsewhere, withIntermediateDirectories: true)
        try FileManager.default.moveItem(
            at: root.appendingPathComponent("t/" + name),
            to: elsewhere.appendingPathComponent("v.bin")
        )
        let url =
            "file://" + elsewhere.appendingPathComponent("v.bin").path
            .addingPercentEncoding(withAllowedCharacters: .urlPathAllowed)!
        try await Self.replace(table, 2, #""storageType":"u""#, #""storageType":"p""#)
        try await Self.replace(table, 2, "\"\(descriptor.pathOrInlineDV)\"", "\"\(url)\"")
        #expect(try await MaintenanceTests.ids(table) == [0, 1, 2, 5, 6, 7, 8, 9])
    }

    // MARK: Widening, nulls, partitions

    @Test("elements of lists and values of maps are widened, decimals too")
    func widened() async throws {
        let table = DeltaTable(store: MemoryObjectStore(), path: "t")
        let fields = [
            Field("id", .int64), Field("l", .list(element: Field("element", .int32))),
            Field("m", .map(key: Field("key", .int32), value: Field("value", .int32))),
            Field("d", .decimal(precision: 6, scale: 2)),
        ]
        _ = try await table.create(
            schema: TableSchema(fields: fields, partitionColumns: []),
            configuration: ["delta.enableTypeWidening": "true"]
        )
        let present = try table.schema(of: try await table.snapshot()).fields
        let row: [ColumnValue] = [
            .integer(1), .list([.integer(5), .null]), .map([ColumnValue.Pair(.integer(1), .integer(2))]),
            .decimal(1234, scale: 2),
        ]
        _ = try await table.append(rows: [AlterationTests.batch(present, [row])])
        try await Self.replace(table, Self.name(0)) {
            $0.replacingOccurrences(of: #"\"integer\""#, with: #"\"long\""#)
                .replacingOccurrences(of: "decimal(6,2)", with: "decimal(12,4)")
        }
        let schema = try table.schema(of: try await table.snapshot())
        #expect(schema.fields[1].type == .list(element: Field("element", .int64)))
        let found = try await AlterationTests.values(table, ["id", "l", "m", "d"])
        #expect(found == [[row[0], row[1], row[2], .decimal(123_400, scale: 4)]])
    }

    @Test("an absent structure is told from one whose fields are absent")
    func nullStructures() async throws {
        let table = DeltaTable(store: MemoryObjectStore(), path: "t")
        let fields = [Field("id", .int64), Field("s", .structure([Field("x", .int64)]))]
        _ = try await table.create(schema: TableSchema(fields: fields, partitionColumns: []))
        for (id, value) in [ColumnValue.null, .structure([.null]), .structure([.integer(1)])].enumerated() {
            _ = try await table.append(rows: [AlterationTests.batch(fields, [[.integer(Int64(id)), value]])])
        }
        #expect(try await MaintenanceTests.ids(table, where: .isNull("s")) == [0])
        #expect(try await MaintenanceTests.ids(table, where: .not(.isNull("s"))) == [1, 2])
        #expect(try await MaintenanceTests.ids(table, where: .isIn("id", [.integer(2), .null])) == [2])
        #expect(try await MaintenanceTests.ids(table, where: .not(.isIn("id", [.integer(2), .null]))) == [])
    }

    @Test(
        "partition values of points in time are read in each of the forms that writers use",
        arguments: [
            "2024-01-02 03:04:05", "2024-01-02 03:04:05.000000", "2024-01-02T03:04:05.000000Z",
            "2024-01-02T03:04:05Z",
        ]
    )
    func partitionTimes(text: String) async throws {
        let table = DeltaTable(store: MemoryObjectStore(), path: "t")
        let fields = [Field("at", .timestamp), Field("id", .int64)]
        _ = try await table.create(schema: TableSchema(fields: fields, partitionColumns: ["at"]))
        let instant = ColumnValue.timestamp(1_704_164_645_000_000)
        _ = try await table.append(rows: [AlterationTests.batch(fields, [[instant, .integer(1)]])])
        let commit = String(decoding: try await table.store.read(Self.name(1)), as: UTF8.self)
        let written = try #require(commit.firstMatch(of: /"partitionValues":\{"at":"([^"]*)"/)).output.1
        if String(written) != text {
            try await Self.replace(table, 1, #""at":"\#(written)""#, #""at":"\#(text)""#)
        }
        #expect(try await MaintenanceTests.ids(table, where: .equal("at", instant)) == [1])
        #expect(try await AlterationTests.values(table, ["at"]) == [[instant]])
    }
}
