/// What happens in a source and to the runs that read it, in order.
public struct History: Sendable, Hashable {
    /// One event.
    public enum Event: Sendable, Hashable, CustomStringConvertible {
        /// Something happens in the source.
        case source(SourceStep)
        /// A run begins; the events up to the next `goOn` happen before its first call.
        case run
        /// The run that is under way makes its next call.
        case goOn
        /// The next run stops for good at this operation of the store, counted from 0.
        case crash(Int)
        /// The next run is told that this operation of the store failed, though it was done.
        case loseAnswer(Int)

        /// The step, or what happens to the run.
        public var description: String {
            switch self {
            case .source(let step): step.description
            case .run: "run"
            case .goOn: "the run goes on"
            case .crash(let operation): "the next run crashes at operation \(operation)"
            case .loseAnswer(let operation): "the next run loses the answer to operation \(operation)"
            }
        }
    }

    /// The seed that made the history.
    public var seed: UInt64
    /// The events.
    public var events: [Event]

    /// Makes a history.
    public init(seed: UInt64 = 0, events: [Event]) {
        self.seed = seed
        self.events = events
    }
}

/// What random histories may contain.
struct HistoryScope: Sendable {
    var transactions = true
    var longStatements = true
    var rowsWithoutCursor = true
    var removals = false
    var crashes = false
    var zoneShifts = false
    var movesClock = true

    init(_ capabilities: ConnectorCapabilities) {
        transactions = capabilities.mutation == .transactions
        longStatements = capabilities.hasLongStatements
        rowsWithoutCursor = capabilities.hasRowsWithoutCursor
        movesClock = capabilities.hasVirtualClock
    }
}

extension History {
    /// A random history of about `length` events.
    init(seed: UInt64, length: Int, scope: HistoryScope) {
        self.init(seed: seed, events: [])
        var random = SeededGenerator(seed: seed)
        var maker = HistoryMaker(scope: scope)
        while events.count < length { events += maker.next(&random) }
    }
}

/// Makes events one after the other, so that most of them make sense.
private struct HistoryMaker {
    let scope: HistoryScope
    var model = SourceModel()
    var texts = 0

    mutating func next(_ random: inout SeededGenerator) -> [History.Event] {
        switch random.number(0...19) {
        case 0...2: return startRun(&random)
        case 3...8: return [.goOn]
        case 9...10 where scope.movesClock: return [take(.pass(Int64(random.number(1...400)) * 5_000))]
        case 11 where scope.zoneShifts:
            return [take(.shiftZone(random.oneIn(2) ? -3_600_000_000 : 3_600_000_000))]
        default: return step(&random).map { [take($0)] } ?? []
        }
    }

    private func startRun(_ random: inout SeededGenerator) -> [History.Event] {
        guard scope.crashes, random.oneIn(3) else { return [.run] }
        let operation = random.number(0...30)
        return [random.oneIn(2) ? .crash(operation) : .loseAnswer(operation), .run]
    }

    private mutating func take(_ step: SourceStep) -> History.Event {
        model.apply(step)
        return .source(step)
    }

    private mutating func step(_ random: inout SeededGenerator) -> SourceStep? {
        for _ in 0..<8 {
            let step = candidate(&random)
            if model.admits(step) { return step }
        }
        return nil
    }

    private mutating func candidate(_ random: inout SeededGenerator) -> SourceStep {
        guard scope.transactions, !random.oneIn(4) else { return write(nil, &random) }
        let id = random.number(0...3)
        guard model.open.contains(id) else { return .begin(id) }
        if model.isBusy(id) { return .endLong(id) }
        switch random.number(0...11) {
        case 0...3: return write(id, &random)
        case 4...5 where scope.longStatements: return .beginLong(id, [row(id, &random), row(id, &random)])
        case 6: return .savepoint(id)
        case 7: return .rollbackToSavepoint(id)
        case 8: return .rollback(id)
        default: return .commit(id)
        }
    }

    private mutating func write(_ id: Int?, _ random: inout SeededGenerator) -> SourceStep {
        if scope.removals && random.oneIn(4) { return .remove(id, [key(&random)]) }
        if scope.removals && random.oneIn(6) { return .rename(id, key(&random), key(&random)) }
        let count = random.oneIn(5) ? 4 : 1
        var rows: [RowKey: TestRow] = [:]
        for _ in 0..<count {
            var row = row(id, &random)
            if id == nil && scope.rowsWithoutCursor && random.oneIn(12) { row.hasCursor = false }
            rows[row.key] = row
        }
        return .put(id, rows.values.sorted { $0.key < $1.key })
    }

    /// Transactions favour two rows each, so that they change what they have changed before.
    private mutating func row(_ id: Int?, _ random: inout SeededGenerator) -> TestRow {
        texts += 1
        var key = key(&random)
        if let id, !random.oneIn(3) {
            key = RowKey(id % 2 == 0 ? "a" : "b", Int64(id / 2 * 2 + random.number(1...2)))
        }
        return TestRow(key, label: random.oneIn(10) ? nil : "v\(texts)", amount: Int64(texts))
    }

    private func key(_ random: inout SeededGenerator) -> RowKey {
        RowKey(random.oneIn(2) ? "a" : "b", Int64(random.number(1...4)))
    }
}
