import DeltaLog

/// A table of three regions in memory, and transactions on it that overlap; a reference says what they should have done.
///
/// The scheduler is the seed: it decides when a transaction reads, and when it tries to commit. Whatever commits must
/// leave the rows that the operations leave when they run one after the other in the order of the versions.
struct HistoryModel {
    struct Row: Hashable, Comparable {
        var key: Int
        var value: Int

        static func < (left: Row, right: Row) -> Bool { (left.key, left.value) < (right.key, right.value) }
    }

    struct File {
        var region: String
        var rows: [Row]
    }

    enum Operation {
        case append(String, Row)
        case upsert(String, Row)
        case delete(String, parity: Int)
        case optimise(String)
        case overwrite(String, Row)
        case restore(Int)
        case addColumn
    }

    struct Pending {
        var operation: Operation
        var base: Int
        var actions: [Action]
        var readSet: ReadSet
        var contents: [String: [Row]]
    }

    typealias Check = (ReadSet, [Action], Commit, TableMetadata) -> ConflictKind?

    /// Files, and the metadata, by version.
    private var files: [[String: File]] = [[:]]
    private var metadata: [TableMetadata]
    private var commits: [Commit] = []
    /// What the rows should be, by version.
    private var reference: [[String: [Row]]] = [[:]]
    private var pending: [Pending] = []
    private var nextFile = 0
    private var random: SplitMix
    private let check: Check
    private(set) var refusals = 0

    init(seed: UInt64, check: @escaping Check) {
        random = SplitMix(state: seed)
        self.check = check
        metadata = [ConflictCheckTests.oldMetadata]
    }

    /// Runs a history; whether it equals a serial one.
    mutating func isSerial(steps: Int) -> Bool {
        for _ in 0..<steps {
            switch Int.random(in: 0..<8, using: &random) {
            case 0..<4 where pending.count < 5: begin()
            case 4 where !pending.isEmpty:
                // A writer dies: its files belong to no version.
                pending.remove(at: Int.random(in: pending.indices, using: &random))
            default:
                guard !pending.isEmpty else { continue }
                let index = Int.random(in: pending.indices, using: &random)
                let chosen = pending.remove(at: index)
                if !commit(chosen) { return false }
            }
        }
        return true
    }

    private mutating func begin() {
        let region = ["eu", "us", "ap"][Int.random(in: 0..<3, using: &random)]
        let row = Row(
            key: Int.random(in: 0..<4, using: &random),
            value: Int.random(in: 0..<100, using: &random)
        )
        let operation: Operation =
            switch Int.random(in: 0..<16, using: &random) {
            case 0..<3: .append(region, row)
            case 3..<8: .upsert(region, row)
            case 8..<10: .delete(region, parity: row.key % 2)
            case 10..<12: .optimise(region)
            case 12: .overwrite(region, row)
            case 13: .restore(Int.random(in: 0..<files.count, using: &random))
            default: .addColumn
            }
        pending.append(plan(operation))
    }

    private mutating func plan(_ operation: Operation) -> Pending {
        let now = files[files.count - 1]
        var change = Pending(
            operation: operation,
            base: files.count - 1,
            actions: [],
            readSet: ReadSet(partitions: .nothing),
            contents: [:]
        )
        func add(_ region: String, _ rows: [Row], dataChange: Bool = true) {
            nextFile += 1
            let path = "f\(nextFile)"
            change.contents[path] = rows
            change.actions.append(Self.add(path, region, dataChange))
        }
        func remove(_ path: String, _ region: String, dataChange: Bool = true) {
            change.actions.append(ConflictCheckTests.removed(path, region, dataChange: dataChange))
        }
        switch operation {
        case .append(let region, let row): add(region, [row])
        case .upsert(let region, let row):
            change.readSet = ReadSet(partitions: .only([["region": region]]))
            var found = false
            for (path, file) in now.sorted(by: { $0.key < $1.key })
            where file.region == region && file.rows.contains(where: { $0.key == row.key }) {
                found = true
                change.readSet.files.insert(path)
                remove(path, region)
                add(region, file.rows.map { $0.key == row.key ? row : $0 })
            }
            if !found { add(region, [row]) }
        case .delete(let region, let parity):
            change.readSet = ReadSet(partitions: .only([["region": region]]))
            for (path, file) in now.sorted(by: { $0.key < $1.key })
            where file.region == region && file.rows.contains(where: { $0.key % 2 == parity }) {
                change.readSet.files.insert(path)
                remove(path, region)
                let kept = file.rows.filter { $0.key % 2 != parity }
                if !kept.isEmpty { add(region, kept) }
            }
        case .optimise(let region):
            let mine = now.filter { $0.value.region == region }.sorted { $0.key < $1.key }
            guard mine.count > 1 else { break }
            for (path, _) in mine {
                change.readSet.files.insert(path)
                remove(path, region, dataChange: false)
            }
            add(region, mine.flatMap(\.value.rows), dataChange: false)
        case .overwrite(let region, let row):
            change.readSet = ReadSet(partitions: .whole)
            for (path, file) in now.sorted(by: { $0.key < $1.key }) { remove(path, file.region) }
            add(region, [row])
        case .restore(let version):
            change.readSet = ReadSet(partitions: .whole)
            let old = files[version]
            for (path, file) in now.sorted(by: { $0.key < $1.key }) where old[path] == nil {
                remove(path, file.region)
            }
            for (path, file) in old.sorted(by: { $0.key < $1.key }) where now[path] == nil {
                change.contents[path] = file.rows
                change.actions.append(Self.add(path, file.region, true))
            }
        case .addColumn:
            var newer = metadata[metadata.count - 1]
            let fields = (try? StructType(json: newer.schemaString))?.fields ?? []
            newer.schemaString =
                StructType(
                    fields: fields + [StructField(name: "c\(fields.count)", type: .long, isNullable: true)]
                ).json
            change.actions = [.metadata(newer)]
        }
        return change
    }

    private static func add(_ path: String, _ region: String, _ dataChange: Bool) -> Action {
        .add(
            AddFile(
                path: path,
                partitionValues: ["region": region],
                size: 1,
                modificationTime: 0,
                dataChange: dataChange
            )
        )
    }

    /// Commits unless a winner is in the way; whether the rows are then what they should be.
    private mutating func commit(_ change: Pending) -> Bool {
        guard !change.actions.isEmpty else { return true }
        for version in change.base..<commits.count
        where check(change.readSet, change.actions, commits[version], metadata[version]) != nil {
            refusals += 1
            return true
        }
        var now = files[files.count - 1]
        var newest = metadata[metadata.count - 1]
        for action in change.actions {
            switch action {
            case .remove(let file): now[file.path] = nil
            case .add(let file):
                let region = (file.partitionValues["region"] ?? nil) ?? ""
                now[file.path] = File(region: region, rows: change.contents[file.path] ?? [])
            case .metadata(let value): newest = value
            default: break
            }
        }
        commits.append(Commit(version: TableVersion(Int64(commits.count)), actions: change.actions))
        files.append(now)
        metadata.append(newest)
        reference.append(expected(change.operation, reference[reference.count - 1]))
        var rows: [String: [Row]] = [:]
        for file in now.values { rows[file.region, default: []] += file.rows }
        let columns = commits.count { if case .metadata? = $0.actions.first { true } else { false } }
        let shown = (try? StructType(json: newest.schemaString))?.fields.count
        return Self.plain(rows) == Self.plain(reference[reference.count - 1])
            && shown == ConflictCheckTests.schema.fields.count + columns
    }

    private static func plain(_ rows: [String: [Row]]) -> [String: [Row]] {
        rows.filter { !$0.value.isEmpty }.mapValues { $0.sorted() }
    }

    /// What an operation does to rows when nothing else happens.
    private func expected(_ operation: Operation, _ before: [String: [Row]]) -> [String: [Row]] {
        var rows = before
        switch operation {
        case .append(let region, let row): rows[region, default: []].append(row)
        case .upsert(let region, let row):
            if rows[region, default: []].contains(where: { $0.key == row.key }) {
                rows[region] = rows[region, default: []].map { $0.key == row.key ? row : $0 }
            } else {
                rows[region, default: []].append(row)
            }
        case .delete(let region, let parity): rows[region, default: []].removeAll { $0.key % 2 == parity }
        case .overwrite(let region, let row): rows = [region: [row]]
        case .restore(let version): rows = reference[version]
        case .optimise, .addColumn: break
        }
        return rows
    }
}

/// A generator whose numbers depend on nothing but its seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
