import DeltaLog
import Testing

@Suite("ConflictCheck") struct ConflictCheckTests {
    static let schema = StructType(fields: [
        StructField(name: "region", type: .string, isNullable: true),
        StructField(name: "id", type: .long, isNullable: true),
    ])

    static func add(_ path: String, _ region: String) -> Action {
        .add(AddFile(path: path, partitionValues: ["region": region], size: 1, modificationTime: 0))
    }

    static func remove(_ path: String) -> Action {
        .remove(RemoveFile(path: path, deletionTimestamp: 0, dataChange: true))
    }

    static func transaction(_ id: String) -> Action {
        .transaction(ApplicationTransaction(appID: id, version: 1))
    }

    static func metadata(_ fields: [StructField]) -> Action {
        .metadata(TableMetadata(id: "t", schemaString: StructType(fields: fields).json))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var readSet: ReadSet
        var mine: [Action]
        var winner: [Action]
        var conflict: ConflictKind?
        var isolation = IsolationLevel.serializable
        var testDescription: String { name }
    }

    static let eu = ReadSet(partitions: .only([["region": "eu"]]))
    static let blind = ReadSet(partitions: .nothing)
    static let whole = ReadSet(partitions: .whole)
    static let extra = StructField(name: "extra", type: .string, isNullable: true)
    static let strict = StructField(name: "extra", type: .string, isNullable: false)
    static let blindInfo = Action.commitInfo(CommitInfo(isBlindAppend: true))

    static let cases: [Case] = [
        Case(
            name: "appends to other partitions",
            readSet: eu,
            mine: [add("m", "eu")],
            winner: [add("w", "us")]
        ),
        Case(
            name: "append to the partition read",
            readSet: eu,
            mine: [add("m", "eu")],
            winner: [add("w", "eu")],
            conflict: .concurrentAppend
        ),
        Case(
            name: "blind append to the partition read, serializable",
            readSet: eu,
            mine: [add("m", "eu")],
            winner: [blindInfo, add("w", "eu")],
            conflict: .concurrentAppend
        ),
        Case(
            name: "blind append to the partition read, write serializable",
            readSet: eu,
            mine: [add("m", "eu")],
            winner: [blindInfo, add("w", "eu")],
            isolation: .writeSerializable
        ),
        Case(name: "two blind appends", readSet: blind, mine: [add("m", "eu")], winner: [add("w", "eu")]),
        Case(
            name: "a blind append and a removal",
            readSet: blind,
            mine: [add("m", "eu")],
            winner: [remove("w")]
        ),
        Case(
            name: "the whole table read, anything added",
            readSet: whole,
            mine: [add("m", "eu")],
            winner: [add("w", "us")],
            conflict: .concurrentAppend
        ),
        Case(
            name: "the whole table read, anything removed",
            readSet: whole,
            mine: [add("m", "eu")],
            winner: [remove("w")],
            conflict: .concurrentDeleteRead
        ),
        Case(
            name: "a file read was removed",
            readSet: ReadSet(partitions: .nothing, files: ["f"]),
            mine: [add("m", "eu")],
            winner: [remove("f")],
            conflict: .concurrentDeleteRead
        ),
        Case(
            name: "the same file removed, under another spelling",
            readSet: blind,
            mine: [remove("file:///x/a%20b")],
            winner: [remove("/x/a b")],
            conflict: .concurrentDeleteDelete
        ),
        Case(
            name: "the same application",
            readSet: blind,
            mine: [transaction("app")],
            winner: [transaction("app")],
            conflict: .concurrentTransaction
        ),
        Case(
            name: "an application that was looked up",
            readSet: ReadSet(partitions: .nothing, transactionIDs: ["app"]),
            mine: [add("m", "eu")],
            winner: [transaction("app")],
            conflict: .concurrentTransaction
        ),
        Case(name: "another application", readSet: eu, mine: [transaction("a")], winner: [transaction("b")]),
        Case(
            name: "a nullable column was added",
            readSet: eu,
            mine: [add("m", "eu")],
            winner: [metadata(schema.fields + [extra])]
        ),
        Case(
            name: "a column that must have values was added",
            readSet: eu,
            mine: [add("m", "eu")],
            winner: [metadata(schema.fields + [strict])],
            conflict: .metadataChanged
        ),
        Case(
            name: "a column was dropped",
            readSet: eu,
            mine: [add("m", "eu")],
            winner: [metadata([schema.fields[0]])],
            conflict: .metadataChanged
        ),
        Case(
            name: "both change the metadata",
            readSet: blind,
            mine: [metadata(schema.fields + [extra])],
            winner: [metadata(schema.fields + [extra])],
            conflict: .metadataChanged
        ),
        Case(
            name: "another feature is required",
            readSet: eu,
            mine: [add("m", "eu")],
            winner: [
                .protocol(
                    TableProtocol(
                        minReaderVersion: 3,
                        minWriterVersion: 7,
                        readerFeatures: ["x"],
                        writerFeatures: ["x"]
                    )
                )
            ],
            conflict: .protocolChanged
        ),
        Case(name: "nothing", readSet: whole, mine: [add("m", "eu")], winner: [blindInfo]),
    ]

    @Test("rules", arguments: cases)
    func rules(test: Case) {
        let conflict = ConflictCheck.conflict(
            readSet: test.readSet,
            actions: test.mine,
            winner: Commit(version: 5, actions: test.winner),
            schema: Self.schema,
            isolation: test.isolation
        )
        #expect(conflict == test.conflict)
    }
}
