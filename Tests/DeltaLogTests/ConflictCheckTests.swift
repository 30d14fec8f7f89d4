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

    static let settled: ReadSet = {
        var readSet = ReadSet(partitions: .nothing)
        readSet.readsMetadata = true
        return readSet
    }()

    static let oldProtocol = TableProtocol(minReaderVersion: 1, minWriterVersion: 2)
    static let oldMetadata = TableMetadata(id: "t", schemaString: schema.json)

    static func configured(_ configuration: [String: String]) -> Action {
        var metadata = oldMetadata
        metadata.configuration = configuration
        return .metadata(metadata)
    }

    static func upgraded(_ features: [String]) -> Action {
        .protocol(
            TableProtocol(
                minReaderVersion: 3,
                minWriterVersion: 7,
                readerFeatures: features,
                writerFeatures: ["appendOnly", "invariants"] + features
            )
        )
    }

    static func domain(_ name: String) -> Action { .domain(DomainMetadata(domain: name, configuration: "")) }

    static func rearranged(_ path: String, _ region: String) -> Action {
        .add(
            AddFile(
                path: path,
                partitionValues: ["region": region],
                size: 1,
                modificationTime: 0,
                dataChange: false
            )
        )
    }

    static func removed(_ path: String, _ region: String, vector: String? = nil, dataChange: Bool = true)
        -> Action
    {
        .remove(
            RemoveFile(
                path: path,
                deletionTimestamp: 0,
                dataChange: dataChange,
                partitionValues: ["region": region],
                deletionVector: vector.map {
                    DeletionVectorDescriptor(
                        storageType: "u",
                        pathOrInlineDV: $0,
                        sizeInBytes: 1,
                        cardinality: 1
                    )
                }
            )
        )
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
            name: "a column was added, and the schema was looked at as a whole",
            readSet: settled,
            mine: [add("m", "eu")],
            winner: [metadata(schema.fields + [extra])],
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
        Case(
            name: "both change the protocol",
            readSet: blind,
            mine: [upgraded(["deletionVectors"])],
            winner: [upgraded(["deletionVectors"])],
            conflict: .protocolChanged
        ),
        Case(
            name: "a feature was dropped",
            readSet: eu,
            mine: [add("m", "eu")],
            winner: [.protocol(TableProtocol(minReaderVersion: 1, minWriterVersion: 1))],
            conflict: .protocolChanged
        ),
        Case(
            name: "a feature that others must keep true was added",
            readSet: eu,
            mine: [add("m", "eu")],
            winner: [upgraded(["checkConstraints"])],
            conflict: .protocolChanged
        ),
        Case(
            name: "a feature that disturbs nobody was added",
            readSet: eu,
            mine: [add("m", "eu")],
            winner: [upgraded(["deletionVectors", "v2Checkpoint", "timestampNtz"])]
        ),
        Case(
            name: "only settings that disturb nobody were changed",
            readSet: eu,
            mine: [add("m", "eu")],
            winner: [configured(["delta.enableDeletionVectors": "true", "delta.checkpointPolicy": "v2"])]
        ),
        Case(
            name: "a setting that matters was changed",
            readSet: eu,
            mine: [add("m", "eu")],
            winner: [configured(["delta.appendOnly": "true"])],
            conflict: .metadataChanged
        ),
        Case(
            name: "mapping by id began",
            readSet: eu,
            mine: [add("m", "eu")],
            winner: [configured(["delta.columnMapping.mode": "id"])],
            conflict: .metadataChanged
        ),
        Case(
            name: "both change a domain",
            readSet: blind,
            mine: [domain("d")],
            winner: [domain("d")],
            conflict: .concurrentDomain
        ),
        Case(name: "different domains", readSet: blind, mine: [domain("d")], winner: [domain("e")]),
        Case(
            name: "row tracking is merged",
            readSet: blind,
            mine: [domain("delta.rowTracking")],
            winner: [domain("delta.rowTracking")]
        ),
        Case(
            name: "an append that was not blind, write serializable",
            readSet: eu,
            mine: [add("m", "eu")],
            winner: [add("w", "eu")],
            conflict: .concurrentAppend,
            isolation: .writeSerializable
        ),
        Case(
            name: "a blind append and a change of metadata, write serializable",
            readSet: eu,
            mine: [metadata(schema.fields + [extra])],
            winner: [blindInfo, add("w", "eu")],
            conflict: .concurrentAppend,
            isolation: .writeSerializable
        ),
        Case(
            name: "rows that are only rearranged, and an append",
            readSet: ReadSet(partitions: .only([["region": "eu"]]), files: ["f"]),
            mine: [removed("f", "eu", dataChange: false), rearranged("m", "eu")],
            winner: [add("w", "eu")]
        ),
        Case(
            name: "rows that are only rearranged, and a removal of one of the files",
            readSet: ReadSet(partitions: .nothing, files: ["f"]),
            mine: [removed("f", "eu", dataChange: false), rearranged("m", "eu")],
            winner: [removed("f", "eu")],
            conflict: .concurrentDeleteRead
        ),
        Case(
            name: "a file of the partition read was removed",
            readSet: eu,
            mine: [add("m", "eu")],
            winner: [removed("w", "eu")],
            conflict: .concurrentDeleteRead
        ),
        Case(
            name: "a file of another partition was removed",
            readSet: eu,
            mine: [add("m", "eu")],
            winner: [removed("w", "us")]
        ),
        Case(
            name: "the same file removed, with another deletion vector",
            readSet: blind,
            mine: [removed("f", "eu", vector: "a")],
            winner: [removed("f", "eu", vector: "b")],
            conflict: .concurrentDeleteDelete
        ),
        Case(
            name: "nothing is written",
            readSet: whole,
            mine: [],
            winner: [removed("w", "eu"), add("x", "eu")]
        ),
        Case(name: "nothing", readSet: whole, mine: [add("m", "eu")], winner: [blindInfo]),
    ]

    @Test("rules", arguments: cases)
    func rules(test: Case) {
        let conflict = ConflictCheck.conflict(
            readSet: test.readSet,
            actions: test.mine,
            winner: Commit(version: 5, actions: test.winner),
            protocol: Self.oldProtocol,
            metadata: Self.oldMetadata,
            isolation: test.isolation
        )
        #expect(conflict == test.conflict)
    }
}
