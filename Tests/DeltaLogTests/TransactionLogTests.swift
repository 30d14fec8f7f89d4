import DeltaLog
import ObjectStores
import Testing

@Suite("TransactionLog") struct TransactionLogTests {
    static let create: [Action] = [
        .protocol(TableProtocol(minReaderVersion: 1, minWriterVersion: 2)),
        .metadata(
            TableMetadata(
                id: "id",
                schemaString: ConflictCheckTests.schema.json,
                partitionColumns: ["region"]
            )
        ),
    ]

    static func makeLog(_ commits: [[Action]] = []) async throws -> TransactionLog {
        let log = TransactionLog(store: MemoryObjectStore(), tablePath: "t")
        for (version, actions) in ([create] + commits).enumerated() {
            try await log.write(actions, as: TableVersion(Int64(version)))
        }
        return log
    }

    static func name(_ version: Int) -> String {
        let digits = String(version)
        return "t/_delta_log/" + String(repeating: "0", count: 20 - digits.count) + digits + ".json"
    }

    @Test("a snapshot has the files that were added and not removed, and the newest transactions")
    func replay() async throws {
        let log = try await Self.makeLog([
            [ConflictCheckTests.add("a", "eu"), ConflictCheckTests.add("b", "us")],
            [ConflictCheckTests.remove("a"), ConflictCheckTests.transaction("app")],
            [.transaction(ApplicationTransaction(appID: "app", version: 9))],
        ])
        let snapshot = try await log.snapshot()
        #expect(snapshot.version == 3)
        #expect(snapshot.files.map(\.path) == ["b"])
        #expect(snapshot.files(inPartition: ["region": "eu"]).isEmpty)
        #expect(snapshot.transactionVersion("app") == 9)
        #expect(try await log.snapshot(at: 1).files.count == 2)
        #expect(try await log.update(try await log.snapshot(at: 1)).files.map(\.path) == ["b"])
    }

    @Test("a folder without a log is no table")
    func notATable() async throws {
        let log = TransactionLog(store: MemoryObjectStore(), tablePath: "t")
        await #expect { _ = try await log.snapshot() } throws: { ($0 as? DeltaLogError)?.code == .notATable }
    }

    @Test("a commit that is cut short is named with its version and line", arguments: [1, 20, 60])
    func cutShort(left: Int) async throws {
        let log = try await Self.makeLog([[ConflictCheckTests.add("a", "eu")]])
        let bytes = try await log.store.read(Self.name(1))
        try await log.store.delete(Self.name(1))
        try await log.store.putIfAbsent(Self.name(1), Array(bytes.prefix(left)))
        await #expect {
            _ = try await log.snapshot()
        } throws: { error in
            let error = error as? DeltaLogError
            return error?.code == .corruptCommit && error?.version == 1 && error?.line == 1
        }
    }

    @Test("a gap between commits is named")
    func gap() async throws {
        let log = try await Self.makeLog([[], [], []])
        try await log.store.delete(Self.name(2))
        await #expect {
            _ = try await log.snapshot()
        } throws: { ($0 as? DeltaLogError)?.code == .versionMissing && ($0 as? DeltaLogError)?.version == 2 }
    }

    @Test("two actions for one file in a commit are refused")
    func duplicates() async throws {
        let log = try await Self.makeLog([
            [ConflictCheckTests.add("a", "eu"), ConflictCheckTests.add("a", "us")]
        ])
        await #expect { _ = try await log.snapshot() } throws: {
            ($0 as? DeltaLogError)?.code == .corruptCommit
        }
    }

    @Test(
        "a feature that is not supported is refused by name",
        arguments: ["geospatial", "catalogManaged"]
    )
    func features(feature: String) async throws {
        let needed = TableProtocol(
            minReaderVersion: 3,
            minWriterVersion: 7,
            readerFeatures: [feature],
            writerFeatures: [feature]
        )
        let log = try await Self.makeLog([[.protocol(needed)]])
        await #expect {
            _ = try await log.snapshot()
        } throws: { "\($0)".contains(feature) }
    }

    @Test("hidden files, checksums and unknown actions are passed over")
    func unknown() async throws {
        let log = try await Self.makeLog([])
        try await log.store.putIfAbsent("t/_delta_log/.tmp", [1])
        try await log.store.putIfAbsent("t/_delta_log/00000000000000000000.crc", [1])
        try await log.store.putIfAbsent(Self.name(1), Array(#"{"newThing":{"x":1}}"#.utf8))
        #expect(try await log.snapshot().version == 1)
    }

    @Test("writers of many partitions all commit, one version each")
    func disjointWriters() async throws {
        let log = try await Self.makeLog()
        let base = try await log.snapshot()
        // Each attempt that fails has seen a version of another, and there are 80 of them: time plays no part.
        var policy = CommitPolicy()
        (policy.attempts, policy.deadline) = (80, .seconds(86_400))
        try await withThrowingTaskGroup(of: Void.self) { [policy] group in
            for writer in 0..<16 {
                group.addTask {
                    for round in 0..<5 {
                        _ = try await log.commit(
                            [ConflictCheckTests.add("\(writer)-\(round)", "r\(writer)")],
                            readSet: ReadSet(partitions: .only([["region": "r\(writer)"]])),
                            base: round == 0 ? base : try await log.snapshot(),
                            operation: "WRITE",
                            policy: policy
                        )
                    }
                }
            }
            try await group.waitForAll()
        }
        let snapshot = try await log.snapshot()
        #expect(snapshot.version == 80 && snapshot.fileCount == 80)
    }

    @Test("of two writers of one partition one has to look again")
    func samePartition() async throws {
        let log = try await Self.makeLog()
        let base = try await log.snapshot()
        let readSet = ReadSet(partitions: .only([["region": "eu"]]))
        _ = try await log.commit(
            [ConflictCheckTests.add("a", "eu")],
            readSet: readSet,
            base: base,
            operation: "WRITE"
        )
        await #expect {
            _ = try await log.commit(
                [ConflictCheckTests.add("b", "eu")],
                readSet: readSet,
                base: base,
                operation: "WRITE"
            )
        } throws: { ($0 as? DeltaLogError)?.conflict == .concurrentAppend }
    }

    @Test("paths are encoded once and decoded once", arguments: ["a b", "p=a%3Ab/x", "ü+#?", "100%"])
    func paths(path: String) {
        #expect(PartitionPath.decode(PartitionPath.encode(path)) == path)
    }

    @Test("folders of partitions escape what file systems and URIs reserve")
    func directories() {
        #expect(
            PartitionPath.directory(["p": "a:b/c", "q": nil], columns: ["p", "q"])
                == "p=a%3Ab%2Fc/q=__HIVE_DEFAULT_PARTITION__"
        )
        #expect(PartitionPath.encode(PartitionPath.directory(["p": "a:b"], columns: ["p"])) == "p=a%253Ab")
    }

    @Test("statistics keep 64-bit integers and decimals exact")
    func statistics() throws {
        var statistics = FileStatistics(numRecords: 3)
        statistics.minValues = [
            "n": .number("-9223372036854775808"), "d": .number("0.10"), "s": .string("a\"\n"),
        ]
        statistics.maxValues = ["n": .number("9223372036854775807")]
        statistics.nullCount = ["n": 1]
        #expect(FileStatistics(json: statistics.json) == statistics)
    }
}
