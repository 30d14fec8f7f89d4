import ColumnBatches
import ConnectorTestKit
import DeltaLog
import DeltaTables
import ObjectStores
import Synchronization

/// Some writers at work on one table at once, step by step in an order that a seed decides, some of them cut off.
///
/// Each operation goes through a store of its own over the same memory, in which an answer may be lost, or after some
/// operation nothing works any more, as when its process ends. What remains is replayed and judged.
final class ConcurrentHistory: Sendable {
    /// What is wrong on purpose, for the judge to find.
    struct Mistake: Sendable {
        var overlooked: Set<ConflictKind> = []
        var readsTooMuch = false
    }

    private static let regions = ["eu", "us", "ap"]
    private static let texts = ["a", "b", "c"]

    private let seed: UInt64
    private let mistake: Mistake
    private let memory = MemoryObjectStore()
    private let policy: CommitPolicy
    private let board = Mutex(HistoryBoard())
    private let lot: HistoryLot
    private let queueStore: FaultyObjectStore
    private let queue: CommitQueue?

    init(seed: UInt64, mistake: Mistake = Mistake()) {
        self.seed = seed
        self.mistake = mistake
        var policy = CommitPolicy()
        policy.longestPause = .zero
        policy.overlooked = mistake.overlooked
        self.policy = policy
        lot = HistoryLot(seed: seed)
        queueStore = FaultyObjectStore(memory)
        let log = DeltaTable(store: queueStore, path: "t").log
        queue = seed % 3 == 0 ? CommitQueue(log: log, policy: policy) : nil
    }

    private var settings: [String: String] {
        var settings = ["delta.checkpointInterval": "4"]
        if seed % 4 == 1 { settings["delta.enableDeletionVectors"] = "true" }
        if seed % 5 == 1 { settings["delta.checkpointPolicy"] = "v2" }
        if seed % 7 == 1 { settings["delta.columnMapping.mode"] = "name" }
        if seed % 7 == 2 { settings["delta.enableInCommitTimestamps"] = "true" }
        if seed % 11 == 1 { settings["delta.enableChangeDataFeed"] = "true" }
        return settings
    }

    /// The table through a store.
    private func table(_ store: any ObjectStore) -> DeltaTable {
        var table = DeltaTable(store: store, path: "t")
        table.commitPolicy = policy
        table.queue = queue
        return table
    }

    /// Runs the history; what it did to the stores, and what is wrong with what it left, if anything.
    func run() async throws -> (trace: [String], problem: String?) {
        let problem = try await UniqueName.$source.withValue({ [lot] in lot.name() }) {
            let plain = DeltaTable(store: memory, path: "t")
            _ = try await plain.create(schema: DeltaTableTests.schema, configuration: settings)
            for (number, region) in Self.regions.enumerated() {
                await perform(.merge(region: region, ids: [0, 1], text: "a", run: Int64(number)), on: memory)
            }
            if queue != nil {
                for _ in 0..<lot.number(0...2) {
                    queueStore.plan(lot.number(0...2) == 0 ? .fail : .loseAnswer, at: lot.number(0...30))
                }
            }
            try await SeededScheduler(seed: seed).run { [self] in
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 { group.addTask { await self.work() } }
                }
            }
            return try await verdict(plain)
        }
        return (board.withLock { $0.trace }, problem)
    }

    /// One writer.
    private func work() async {
        for _ in 0..<3 {
            let store = FaultyObjectStore(
                memory,
                trace: { line in self.board.withLock { $0.trace.append(line) } }
            )
            if lot.number(0...3) == 0 {
                let faults: [FaultyObjectStore.Fault] = [.crash, .crashAfter, .loseAnswer, .fail]
                store.plan(faults[lot.number(0...3)], at: lot.number(0...20))
            }
            switch lot.number(0...19) {
            case 0: await arrange(store)
            case 1: await writeCheckpoint(store)
            case 2: await vacuum(store)
            case 3: await mergeTogether(store)
            case 4: await markRows(store)
            default: await perform(draw(), on: store)
            }
        }
    }

    private func draw() -> HistoryEffect {
        let region = Self.regions[lot.number(0...2)]
        let text = Self.texts[lot.number(0...2)]
        let number = board.withLock { $0.nextNumber() }
        let row = HistoryState.Row(region: region, id: 1000 + number, text: text)
        switch lot.number(0...17) {
        case 0...2: return .append(row)
        case 3: return .load(row, run: Int64(lot.number(0...2)))
        case 4...8:
            let ids = (0..<lot.number(1...2)).map { Int64($0 + lot.number(0...1)) }
            return .merge(region: region, ids: Array(Set(ids)).sorted(), text: text, run: number + 10)
        case 9...10:
            let to = Self.texts[lot.number(0...2)]
            return .update(region: lot.number(0...2) > 0 ? region : nil, from: text, to: to)
        case 11...12: return .delete(region: lot.number(0...2) > 0 ? region : nil, text: text)
        case 13: return .replace(row)
        case 14: return .overwrite(row)
        case 15: return .restore(Int(lot.number(0...100)))
        case 16: return .note("note \(number)")
        default: return .addColumn("more\(number)")
        }
    }

    /// Does one operation and notes what it says of itself.
    private func perform(_ drawn: HistoryEffect, on store: any ObjectStore) async {
        var effect = drawn
        let start = await begin()
        if case .restore(let share) = drawn { effect = .restore(Int(start.version.number) * share / 100) }
        let writer = HistoryWriter(table: table(store), readsTooMuch: mistake.readsTooMuch)
        do {
            if let version = try await writer.perform(effect) { note(effect, start, .done(version)) }
        } catch {
            note(effect, start, error, store)
        }
        end(start)
    }

    /// Merges into two regions at once, as one version.
    private func mergeTogether(_ store: FaultyObjectStore) async {
        let start = await begin()
        let table = table(store)
        let writer = HistoryWriter(table: table, readsTooMuch: mistake.readsTooMuch)
        let run = 10 + board.withLock { $0.nextNumber() }
        let effects = ["eu", "us"].map { HistoryEffect.merge(region: $0, ids: [0, 1], text: "b", run: run) }
        do {
            let snapshot = try await table.snapshot()
            var edits: [(edit: TableEdit, base: Snapshot)] = []
            for effect in effects {
                guard let edit = try await writer.merge(effect, snapshot) else { continue }
                edits.append((edit, snapshot))
            }
            for (effect, result) in zip(effects, await table.apply(edits)) {
                switch result {
                case .success(let version): note(effect, start, .done(version))
                case .failure(let error): note(effect, start, error, store)
                }
            }
        } catch {
            note(.nothing, start, error, store)
        }
        end(start)
    }

    private func arrange(_ store: FaultyObjectStore) async {
        await work(store) { table in _ = try await table.optimise() }
    }

    private func writeCheckpoint(_ store: FaultyObjectStore) async {
        await work(store) { table in
            let newest = try await table.snapshot()
            let version = TableVersion(Int64(lot.number(0...Int(newest.version.number))))
            try await table.log.writeCheckpoint(try await table.snapshot(at: version))
        }
    }

    /// Deletes what belongs to no version and is older than all that is under way.
    private func vacuum(_ store: FaultyObjectStore) async {
        await work(store) { table in
            let cutoff = board.withLock { $0.oldestStart }
            try await table.perform(
                try await table.planVacuum(retention: 0, now: cutoff, allowsShortRetention: true)
            )
        }
    }

    private func markRows(_ store: FaultyObjectStore) async {
        let start = await begin()
        do {
            let table = table(store)
            _ = try await table.alter([.set("delta.enableDeletionVectors", "true")])
        } catch {
            // What it does to the table is no part of the state, and what it may be refused for is that of a note.
            if case .refused(let refusal) = outcome(error, store) {
                note(.note(""), start, .refused(refusal))
            } else {
                note(.nothing, start, error, store)
            }
        }
        end(start)
    }

    private func work(_ store: FaultyObjectStore, _ body: (DeltaTable) async throws -> Void) async {
        let start = await begin()
        do {
            try await body(table(store))
        } catch {
            note(.nothing, start, error, store)
        }
        end(start)
    }
}

extension ConcurrentHistory {
    /// When an operation began: by the store's clock, and at which version.
    struct Start {
        var number: Int64
        var version: TableVersion
    }

    private func begin() async -> Start {
        let number = board.withLock { $0.nextNumber() }
        try? await memory.putIfAbsent("clock/\(number)", [])
        let instant = await memory.attributes(of: "clock/\(number)")?.modified ?? 0
        board.withLock { $0.underWay[number] = instant }
        let commits = await memory.list("t/_delta_log/0", after: nil).filter { $0.path.hasSuffix(".json") }
        return Start(number: number, version: TableVersion(Int64(commits.count - 1)))
    }

    private func end(_ start: Start) { board.withLock { $0.underWay[start.number] = nil } }

    private func note(_ effect: HistoryEffect, _ start: Start, _ outcome: HistoryJudge.Outcome) {
        let report = HistoryJudge.Report(effect: effect, start: start.version, outcome: outcome)
        board.withLock { $0.reports.append(report) }
    }

    private func note(
        _ effect: HistoryEffect,
        _ start: Start,
        _ error: any Error,
        _ store: any ObjectStore
    ) {
        if let outcome = outcome(error, store) { return note(effect, start, outcome) }
        board.withLock { $0.failures.append("\(effect): \(error)") }
    }

    /// What an error says of an operation; nil where nothing calls for it.
    private func outcome(_ error: any Error, _ store: any ObjectStore) -> HistoryJudge.Outcome? {
        if let error = error as? DeltaLogError, error.code == .conflict { return .refused(error) }
        let isPlanned = (store as? FaultyObjectStore)?.wasFaulty == true || queueStore.wasFaulty
        return isPlanned ? .unknown : nil
    }

    /// What is wrong with what the writers left.
    private func verdict(_ table: DeltaTable) async throws -> String? {
        let (reports, failures) = board.withLock { ($0.reports, $0.failures) }
        if let failure = failures.first { return failure }
        let replay = try await HistoryReplay(table)
        if let problem = HistoryJudge(replay, reports).problem() { return problem }
        let expected = Set(replay.files.keys)
        func isSame(_ snapshot: Snapshot) -> Bool {
            Set(snapshot.files.map { HistoryReplay.key($0.path, $0.deletionVector) }) == expected
                && snapshot.metadata == replay.metadata[replay.metadata.count - 1]
        }
        let newest = try await table.snapshot()
        guard isSame(newest) else { return "the snapshot differs from the replay of all commits" }
        var state = replay.states[replay.states.count - 1]
        state.rows = [:]
        for try await batch in try table.rows(of: newest, columns: ["region", "id", "text"]) {
            for row in HistoryReplay.rows(of: batch) { state.add(row) }
        }
        guard state == replay.states[replay.states.count - 1] else { return "the rows read differ" }
        return try await tidied(table, replay, isSame)
    }

    /// What is wrong after everything was deleted that nothing needs.
    private func tidied(_ table: DeltaTable, _ replay: HistoryReplay, _ isSame: (Snapshot) -> Bool)
        async throws -> String?
    {
        try await table.perform(
            try await table.planVacuum(retention: 0, now: 1 << 40, allowsShortRetention: true)
        )
        let present = await memory.list("t/", after: nil).map { String($0.path.dropFirst(2)) }
            .filter { !$0.hasPrefix("_") }
        let named = Set(replay.everNamed.map { PartitionPath.decode($0) })
        guard Set(present) == named else {
            return "files of no version are left, or those of a version are gone: "
                + "\(named.symmetricDifference(present))"
        }
        let newest = try await table.snapshot()
        try await table.log.writeCheckpoint(newest)
        let later = TableProperties(newest.metadata).logRetention + 2 * 86_400_000
        try await table.log.perform(try await table.log.planCleanup(newest, now: later))
        let again = try await DeltaTable(store: memory, path: "t").snapshot()
        guard again.version == newest.version, isSame(again) else {
            return "the snapshot differs once the log is cleaned"
        }
        let problems = try await table.check().problems
        return problems.isEmpty ? nil : "\(problems)"
    }
}

/// What the writers of a history know of each other.
private struct HistoryBoard {
    var reports: [HistoryJudge.Report] = []
    /// Errors that nothing calls for.
    var failures: [String] = []
    var trace: [String] = []
    /// When the operations began that are under way, by the store's clock.
    var underWay: [Int64: Int64] = [:]
    private var last: Int64 = 0

    var oldestStart: Int64 { underWay.values.min() ?? 0 }

    mutating func nextNumber() -> Int64 {
        last += 1
        return last
    }
}

/// Numbers and names that a seed decides, whoever asks.
private final class HistoryLot: Sendable {
    private let random: Mutex<SeededGenerator>

    init(seed: UInt64) { random = Mutex(SeededGenerator(seed: seed &* 0x9E37_79B9_7F4A_7C15)) }

    func number(_ range: ClosedRange<Int>) -> Int { random.withLock { Int.random(in: range, using: &$0) } }

    /// A name in the form of a UUID.
    func name() -> String {
        let words = random.withLock { [$0.next(), $0.next()] }
        let digits = words.map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 16 - text.utf8.count) + text
        }.joined()
        var parts: [Substring] = []
        var rest = digits[...]
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: "-")
    }
}
