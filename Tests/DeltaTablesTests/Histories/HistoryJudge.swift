import DeltaLog

/// Tells whether what a history left equals what its operations do one after the other, and whether whatever was refused
/// had to be.
struct HistoryJudge {
    /// What an operation said of itself.
    enum Outcome {
        /// It is done as of a version: it made that version, or found there that it had nothing to do.
        case done(TableVersion)
        /// It is not done, for this reason.
        case refused(DeltaLogError)
        /// It was cut off: it may be done or not.
        case unknown
    }

    struct Report {
        var effect: HistoryEffect
        /// The newest version when the operation began.
        var start: TableVersion
        var outcome: Outcome
    }

    let replay: HistoryReplay
    let reports: [Report]
    private var claims: [Int: [HistoryEffect]] = [:]
    private var unknown: [HistoryEffect] = []

    init(_ replay: HistoryReplay, _ reports: [Report]) {
        self.replay = replay
        self.reports = reports
        for report in reports {
            switch report.outcome {
            case .done(let version): claims[Int(version.number), default: []].append(report.effect)
            case .unknown where report.effect != .nothing: unknown.append(report.effect)
            default: break
            }
        }
    }

    /// What is wrong, or nil.
    func problem() -> String? {
        var deepest = 0
        guard isSerial(from: 1, used: [], &deepest) else {
            return "version \(deepest) is not what the operations make of version \(deepest - 1): "
                + "\(claims[deepest] ?? []) or some of \(unknown): \(replay.states[deepest - 1]) became "
                + "\(replay.states[deepest])"
        }
        for report in reports {
            guard case .refused(let error) = report.outcome else { continue }
            if let problem = problem(of: error, report) { return "\(report.effect): \(problem): \(error)" }
        }
        return nil
    }

    /// Whether the versions from one on are what operations make of those before them.
    ///
    /// A version is made by some of the operations that claim it, while the others find nothing to do there; one that
    /// none has made is of those whose outcome is unknown, each of which counts once, or changes nothing.
    private func isSerial(from version: Int, used: Set<Int>, _ deepest: inout Int) -> Bool {
        guard version < replay.states.count else { return true }
        deepest = max(deepest, version)
        let (before, after) = (replay.states[version - 1], replay.states[version])
        let claimed = claims[version] ?? []
        for makers in Self.subsets(of: claimed.count) {
            guard
                claimed.indices.allSatisfy({ index in
                    makers.contains(index)
                        || claimed[index].applied(to: after, versions: replay.states) == after
                })
            else { continue }
            let made = makers.reduce(before) { claimed[$1].applied(to: $0, versions: replay.states) }
            if made == after { return isSerial(from: version + 1, used: used, &deepest) }
        }
        // Those that claim it may all have found nothing to do, in a version of one whose outcome is unknown.
        guard claimed.allSatisfy({ $0.applied(to: after, versions: replay.states) == after }) else {
            return false
        }
        let left = unknown.indices.filter { !used.contains($0) }
        for chosen in Self.subsets(of: left.count) where !chosen.isEmpty {
            let made = chosen.reduce(before) { unknown[left[$1]].applied(to: $0, versions: replay.states) }
            if made == after,
                isSerial(from: version + 1, used: used.union(chosen.map { left[$0] }), &deepest)
            {
                return true
            }
        }
        return false
    }

    /// All subsets of the first numbers, small ones first.
    private static func subsets(of count: Int) -> [[Int]] {
        (0..<(1 << count))
            .map { bits in (0..<count).filter { bits & 1 << $0 != 0 } }
            .sorted { $0.count < $1.count }
    }

    /// Why a refusal is wrong, or nil when the rules ask for it.
    private func problem(of error: DeltaLogError, _ report: Report) -> String? {
        guard let conflict = error.conflict, let winner = error.version else { return "no conflict is named" }
        guard winner > report.start, winner.number < replay.commits.count else {
            return "refused for a version that was there before it began"
        }
        let index = Int(winner.number)
        let footprint = report.effect.footprint
        var added: Set<String> = []
        var removed: Set<String> = []
        var applications: Set<String> = []
        var (setsMetadata, setsProtocol) = (false, false)
        for action in replay.commits[index].actions {
            switch action {
            case .add(let file): added.insert(Self.region(file.partitionValues))
            case .remove(let file): removed.insert(Self.region(file.partitionValues ?? [:]))
            case .transaction(let transaction): applications.insert(transaction.appID)
            case .metadata: setsMetadata = true
            case .protocol: setsProtocol = true
            default: break
            }
        }
        func touches(_ regions: Set<String>) -> Bool {
            !(footprint.regions.map { regions.isDisjoint(with: $0) } ?? regions.isEmpty)
        }
        let isRight =
            switch conflict {
            case .concurrentAppend: touches(added)
            case .concurrentDeleteRead, .concurrentDeleteDelete: touches(removed)
            case .concurrentTransaction:
                !(footprint.applications.map { applications.isDisjoint(with: $0) } ?? applications.isEmpty)
            case .metadataChanged:
                setsMetadata
                    && (footprint.setsMetadata
                        || replay.metadata[index].configuration
                            != replay.metadata[index - 1].configuration
                        || !replay.states[index].columns.isSuperset(of: replay.states[index - 1].columns))
            case .protocolChanged: setsProtocol && footprint.setsMetadata
            case .concurrentDomain: false
            }
        return isRight ? nil : "the rules allow both"
    }

    private static func region(_ values: [String: String?]) -> String {
        values.values.first.flatMap { $0 } ?? ""
    }
}
