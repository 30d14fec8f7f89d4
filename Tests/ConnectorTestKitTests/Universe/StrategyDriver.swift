import ColumnBatches
import ConnectorTestKit
import IncrementalFilters
import ObjectStores
import SourceConnectors
import Synchronization

/// How far a run moves its mark.
enum MarkStrategy: String, CaseIterable, Sendable {
    case fourSignals
    // What others do, and what each forgets.
    case pastGreatestSeen, fromGreatestSeen, serverClock, overlapOfOneSecond, openTransactions,
        activeStatements
    case withoutWriters

    static let losing = allCases.filter { $0 != .fourSignals }
}

/// Keeps the lake in a dictionary, to play many histories in little time: only the marks are under test.
final class StrategyDriver: SyncDriver {
    private struct Lake {
        var rows: [[ColumnValue]: [ColumnValue]] = [:]
        var mark: Int64?
        var readings: [CounterReading] = []
    }

    private let strategy: MarkStrategy
    private let lakes = Mutex<[ObjectIdentifier: Lake]>([:])

    init(_ strategy: MarkStrategy) {
        self.strategy = strategy
    }

    private func id(_ setup: SyncSetup<some SourceConnector>) -> ObjectIdentifier {
        ObjectIdentifier(setup.lake as AnyObject)
    }

    func prepare(_ setup: SyncSetup<some SourceConnector>) async throws {
        lakes.withLock { $0[id(setup)] = Lake() }
    }

    func lakeRows(_ setup: SyncSetup<some SourceConnector>) async throws -> [[ColumnValue]] {
        lakes.withLock { lakes in lakes.removeValue(forKey: id(setup)).map { Array($0.rows.values) } ?? [] }
    }

    func run(_ setup: SyncSetup<some SourceConnector>) async throws -> SyncObservation {
        var lake = lakes.withLock { $0[id(setup)] ?? Lake() }
        let rows = try await setup.connector.withSession(for: setup.source) { session in
            try await read(session, setup.table, &lake)
        }
        for row in rows { lake.rows[Array(row[0..<2])] = row }
        let updated = lake
        lakes.withLock { $0[id(setup)] = updated }
        return SyncObservation(succeeded: true, mark: updated.mark)
    }

    private func read(
        _ session: some SourceSession,
        _ table: TestTable,
        _ lake: inout Lake
    ) async throws -> [[ColumnValue]] {
        guard let candidate = try await session.describe(table.name)?.cursorCandidates.first else {
            return []
        }
        let cursor = Cursor(candidate)
        let policy = MarkPolicy()
        let previous = lake.mark.map { Mark(value: $0, guarantee: .proven) }
        let next = cursor.isCounter ? try await session.counter(cursor.column, of: table.name) : nil
        var signals = try await session.signals()
        let earlier = lake.readings
        let counter = next.map {
            CounterReading(next: $0, signals: signals, earlier: earlier, cursor: cursor)
        }
        // As in the log of a table, only the last one is kept.
        lake.readings = counter.map { [$0] } ?? []
        if strategy == .withoutWriters { signals.oldestWriter = nil }
        var query = ReadQuery(table: table.name, columns: table.fields, batchRows: 3)
        var probe = InFlightProbe(
            keys: table.keys,
            cursor: table.cursor,
            comparing: table.fields.map(\.name)
        )
        if strategy == .fourSignals || strategy == .withoutWriters {
            query.window = CursorWindow(
                column: table.cursor,
                type: cursor.type,
                lowerBound: counter.map { policy.probeBound(previous: previous, counter: $0) }
                    ?? policy.probeBound(previous: previous, signals: signals, cursor: cursor),
                includesNulls: false
            )
            for try await batch in try await session.rows(query, at: .uncommitted) { probe.expect(batch) }
        }
        query.window = lake.mark.map {
            CursorWindow(column: table.cursor, type: cursor.type, lowerBound: $0)
        }
        var rows: [[ColumnValue]] = []
        var greatest = lake.mark
        for try await batch in try await session.rows(query, at: .snapshot) {
            probe.observe(batch)
            for row in 0..<batch.rowCount {
                rows.append(batch.row(row))
                switch batch.row(row)[4] {
                case .timestamp(let cursor), .integer(let cursor): greatest = max(greatest ?? cursor, cursor)
                default: break
                }
            }
        }
        try await session.endSnapshot()
        let decided =
            counter.map {
                policy.decide(
                    previous: previous,
                    signals: signals,
                    counter: $0,
                    earlier: earlier,
                    inFlight: probe.oldest,
                    cursor: cursor
                )
            } ?? policy.decide(previous: previous, signals: signals, inFlight: probe.oldest, cursor: cursor)
        lake.mark =
            switch strategy {
            case .fourSignals, .withoutWriters: decided.value
            case .pastGreatestSeen: greatest.map { $0 + 1 }
            case .fromGreatestSeen: greatest
            case .serverClock: counter?.next ?? signals.now
            case .overlapOfOneSecond: greatest.map { max($0 - 1_000_000, lake.mark ?? .min) }
            case .openTransactions: max(min(signals.now, signals.oldestWriter ?? .max), lake.mark ?? .min)
            case .activeStatements:
                max(
                    min(signals.now, signals.oldestWriter ?? .max, signals.oldestStatement ?? .max),
                    lake.mark ?? .min
                )
            }
        return rows
    }
}
