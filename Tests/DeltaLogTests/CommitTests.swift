import DeltaLog
import ObjectStores
import Synchronization
import Testing

/// A store whose commits may be written and yet reported as failed, or taken.
final class LyingStore: ObjectStore {
    enum Lie: Sendable {
        case failsAfterWriting
        case failsBeforeWriting
        case saysTaken
    }

    private let inner = MemoryObjectStore()
    private let lies: Mutex<[Lie]>

    init(_ lies: [Lie]) { self.lies = Mutex(lies) }

    func putIfAbsent(_ path: String, _ bytes: [UInt8]) async throws {
        let lie = path.hasSuffix("00.json") ? nil : lies.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        if lie != .failsBeforeWriting { try await inner.putIfAbsent(path, bytes) }
        switch lie {
        case .failsAfterWriting?, .failsBeforeWriting?:
            throw ObjectStoreError(.system, path: path, message: "the connection broke")
        case .saysTaken?: throw ObjectStoreError(.alreadyExists, path: path, message: "taken")
        case nil: break
        }
    }

    func read(_ path: String) async throws -> [UInt8] { try await inner.read(path) }
    func read(_ path: String, range: Range<Int>) async throws -> [UInt8] {
        try await inner.read(path, range: range)
    }
    func attributes(of path: String) async throws -> ObjectAttributes? { await inner.attributes(of: path) }
    func list(_ folder: String, after start: String?) async throws -> [ObjectAttributes] {
        await inner.list(folder, after: start)
    }
    func makeWriter(_ path: String) async throws -> any ObjectWriter { try await inner.makeWriter(path) }
    func delete(_ path: String) async throws { await inner.delete(path) }
}

@Suite("Commits") struct CommitTests {
    static let blind = ReadSet(partitions: .nothing)

    static func transaction(_ path: String, _ region: String, _ base: Snapshot) -> Transaction {
        Transaction(
            [ConflictCheckTests.add(path, region)],
            readSet: ReadSet(partitions: .only([["region": region]])),
            base: base,
            operation: "MERGE"
        )
    }

    @Test(
        "a commit that landed although the store said otherwise is found, and written once",
        arguments: [LyingStore.Lie.failsAfterWriting, .saysTaken]
    )
    func unknownOutcome(lie: LyingStore.Lie) async throws {
        let log = TransactionLog(store: LyingStore([lie]), tablePath: "t")
        try await log.write(TransactionLogTests.create, as: 0)
        let outcome = try await log.commit(Self.transaction("a", "eu", try await log.snapshot()))
        #expect(outcome.version == 1)
        #expect(try await log.snapshot().version == 1)
    }

    @Test("a commit that did not land is an error of the store")
    func failedOutcome() async throws {
        let log = TransactionLog(store: LyingStore([.failsBeforeWriting]), tablePath: "t")
        try await log.write(TransactionLogTests.create, as: 0)
        let base = try await log.snapshot()
        await #expect(throws: ObjectStoreError.self) {
            _ = try await log.commit(Self.transaction("a", "eu", base))
        }
        #expect(try await log.snapshot().version == 0)
    }

    @Test("a blind append says so, anything that read does not")
    func blindAppend() async throws {
        let log = try await TransactionLogTests.makeLog()
        let base = try await log.snapshot()
        let add = [ConflictCheckTests.add("a", "eu")]
        _ = try await log.commit(add, readSet: Self.blind, base: base, operation: "WRITE")
        _ = try await log.commit(Self.transaction("b", "us", base))
        #expect(try await log.commit(at: 1).info?.isBlindAppend == true)
        #expect(try await log.commit(at: 2).info?.isBlindAppend == false)
    }

    @Test("an in-commit timestamp is rewritten so that it rises, whatever the clock")
    func timestamps() async throws {
        var metadata = ConflictCheckTests.oldMetadata
        metadata.configuration = ["delta.enableInCommitTimestamps": "true"]
        metadata.partitionColumns = ["region"]
        let needed = TableProtocol(
            minReaderVersion: 1,
            minWriterVersion: 7,
            writerFeatures: ["inCommitTimestamp"]
        )
        let log = TransactionLog(store: MemoryObjectStore(), tablePath: "t")
        let future: Int64 = 4_000_000_000_000
        var info = CommitInfo(timestamp: future, operation: "CREATE TABLE")
        info.inCommitTimestamp = future
        try await log.write([.commitInfo(info), .protocol(needed), .metadata(metadata)], as: 0)
        let base = try await log.snapshot()
        for region in ["eu", "us"] { _ = try await log.commit(Self.transaction(region, region, base)) }
        #expect(try await log.commit(at: 1).info?.inCommitTimestamp == future + 1)
        #expect(try await log.commit(at: 2).info?.inCommitTimestamp == future + 2)
    }

    @Test("an application's transaction commits once, whoever repeats it")
    func idempotent() async throws {
        let log = try await TransactionLogTests.makeLog()
        let base = try await log.snapshot()
        let actions = [ConflictCheckTests.transaction("app"), ConflictCheckTests.add("a", "eu")]
        _ = try await log.commit(actions, readSet: Self.blind, base: base, operation: "WRITE")
        await #expect {
            _ = try await log.commit(actions, readSet: Self.blind, base: base, operation: "WRITE")
        } throws: { ($0 as? DeltaLogError)?.conflict == .concurrentTransaction }
    }

    @Test("ready commits of different partitions share versions; all land")
    func queue() async throws {
        let log = try await TransactionLogTests.makeLog()
        let base = try await log.snapshot()
        let queue = CommitQueue(log: log)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<50 {
                group.addTask { _ = try await queue.commit(Self.transaction("f\(index)", "r\(index)", base)) }
            }
            try await group.waitForAll()
        }
        let snapshot = try await log.snapshot()
        #expect(snapshot.fileCount == 50)
        #expect(snapshot.version < 50)
        for version in 1...snapshot.version.number {
            let commit = try await log.commit(at: TableVersion(version))
            let regions = commit.actions.compactMap { action in
                if case .add(let file) = action { file.partitionValues["region"] } else { nil }
            }
            #expect(Set(regions).count == regions.count)
        }
    }

    @Test("a queue knows what it committed and what others did, and goes on from there")
    func queueKnows() async throws {
        let log = try await TransactionLogTests.makeLog()
        let base = try await log.snapshot()
        let queue = CommitQueue(log: log)
        // All from one old snapshot: the versions since are known, and held against each.
        for round in 0..<6 {
            let outcome = try await queue.commit(Self.transaction("f\(round)", "r\(round)", base))
            #expect(outcome.version == TableVersion(Int64(2 * round + 1)))
            _ = try await log.commit(Self.transaction("w\(round)", "q\(round)", base))
            #expect(try await queue.update(base).version == TableVersion(Int64(2 * round + 2)))
        }
        let newest = try await log.snapshot()
        #expect(try await queue.update(base).files == newest.files)
        await #expect {
            _ = try await queue.commit(Self.transaction("late", "r0", base))
        } throws: {
            ($0 as? DeltaLogError)?.conflict == .concurrentAppend && ($0 as? DeltaLogError)?.version == 1
        }
        await #expect {
            _ = try await queue.commit(Self.transaction("late", "q3", base))
        } throws: {
            ($0 as? DeltaLogError)?.conflict == .concurrentAppend && ($0 as? DeltaLogError)?.version == 8
        }
    }

    @Test("one transaction of a version is its first")
    func first() async throws {
        let log = try await TransactionLogTests.makeLog()
        let base = try await log.snapshot()
        _ = try await log.commit(Self.transaction("w", "r0", base))
        let results = try await log.commit(
            together: (0..<4).map { Self.transaction("f\($0)", "r\($0)", base) }
        )
        #expect(results.map { try? $0.get().isFirst } == [nil, true, false, false])
    }

    @Test("a member of a group that is refused leaves alone")
    func queueRefusal() async throws {
        let log = try await TransactionLogTests.makeLog()
        let base = try await log.snapshot()
        _ = try await log.commit(Self.transaction("w", "r3", base))
        let queue = CommitQueue(log: log)
        let refused = await withTaskGroup(of: Int?.self) { group in
            for index in 0..<8 {
                group.addTask {
                    do {
                        _ = try await queue.commit(Self.transaction("f\(index)", "r\(index)", base))
                        return nil
                    } catch {
                        return index
                    }
                }
            }
            return await group.reduce(into: [Int]()) { if let index = $1 { $0.append(index) } }
        }
        #expect(refused == [3])
        #expect(try await log.snapshot().fileCount == 8)
    }
}
