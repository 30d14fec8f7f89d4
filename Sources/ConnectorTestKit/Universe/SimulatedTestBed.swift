import ColumnBatches
public import SourceConnectors
import Synchronization

/// The test bed of the simulated universe: every capability, and a clock that stands still between steps.
public struct SimulatedTestBed: ConnectorTestBed {
    /// What the simulated source can do; take something away to see how the pipeline fares without.
    public var capabilities: ConnectorCapabilities

    /// Whether readers beside each other see one state of the source.
    public var snapshotsAgree = true

    /// Makes a test bed with every capability.
    public init(cursor: ConnectorCapabilities.CursorKind = .instant, fractionalDigits: Int = 6) {
        capabilities = ConnectorCapabilities()
        capabilities.mutation = .transactions
        capabilities.cursor = cursor
        capabilities.fractionalDigits = fractionalDigits
        capabilities.readsUncommitted = true
        capabilities.cutsKeys = true
        capabilities.filters = Set(RowFilter.Comparison.allCases)
        capabilities.hasLongStatements = true
        capabilities.hasVirtualClock = true
        capabilities.changesTables = true
        capabilities.faults = Set(SourceFault.allCases)
    }

    /// `simulated`.
    public var name: String { "simulated" }

    /// Makes a database of its own.
    public func withFixture<Result: Sendable>(
        _ table: TestTable,
        _ body: (SimulatedFixture) async throws -> Result
    ) async throws -> Result {
        let fixture = SimulatedFixture(table: table, capabilities: capabilities)
        fixture.database.setSnapshotsAgree(snapshotsAgree)
        return try await body(fixture)
    }

    /// A connection that there is not.
    public func brokenConnectors() -> [BrokenConnector<SimulatedConnector>] {
        [
            BrokenConnector(
                "no such connection",
                connector: SimulatedConnector(databases: [:]),
                source: Source(region: "eu", client: "1", connection: "none"),
                code: .invalid
            )
        ]
    }
}

/// A simulated database with the kit's table.
public struct SimulatedFixture: SourceFixture {
    /// The database.
    public let database = SimulatedDatabase()
    /// The table.
    public let table: TestTable

    /// Makes the database and the table.
    public init(table: TestTable, capabilities: ConnectorCapabilities) {
        self.table = table
        database.createTable(table.description(for: capabilities))
    }

    /// The connector that reads the database.
    public var connector: SimulatedConnector { SimulatedConnector(databases: ["db": database]) }

    /// The source.
    public var source: Source { Source(region: "eu", client: "1", connection: "db") }

    /// Carries a step out.
    public func perform(_ step: SourceStep) async throws {
        let name = table.name
        switch step {
        case .begin(let id): database.begin(id)
        case .put(let id, let rows):
            database.put(rows.filter(\.hasCursor).map(values), into: name, in: id)
            for row in rows where !row.hasCursor { try writeWithoutCursor(row, in: id) }
        case .remove(let id, let keys): database.remove(keys: keys.map(values), from: name, in: id)
        case .rename(let id, let old, let new):
            guard var row = try await contents().first(where: { $0.key == old }) else { throw StepRefused() }
            row.key = new
            database.remove(keys: [values(old)], from: name, in: id)
            database.put([shaped(table.values(of: row))], into: name, in: id)
        case .beginLong(let id, let rows):
            let isWaiting = id % 2 == 1  // odd transactions wait for a lock on the table
            database.beginStatement(rows.map(values), into: name, in: id, isWaiting: isWaiting)
        case .endLong(let id): database.endStatement(in: id)
        case .savepoint(let id): database.setSavepoint(in: id)
        case .rollbackToSavepoint(let id): database.rollBackToSavepoint(in: id)
        case .commit(let id): database.commit(id)
        case .rollback(let id): database.rollBack(id)
        case .pass(let time), .stepClock(let time): database.moveClock(time)
        case .shiftZone(let time): database.shiftZone(time)
        }
    }

    /// The committed rows.
    public func contents() async throws -> [StoredRow] {
        let names = database.columns(of: table.name)
        let positions = table.fields.map { names.firstIndex(of: $0.name) }
        return database.rows(of: table.name).compactMap { row in
            table.row(positions.map { position in position.map { row[$0] } ?? .null })
        }
    }

    /// Adds a column, or drops one.
    public func change(_ change: TableChange) async throws {
        switch change {
        case .addColumn:
            let column = ColumnDescription(
                name: "added",
                type: .string,
                sourceType: "string",
                isNullable: true
            )
            database.add(column, to: table.name)
        case .dropAmount: database.drop(table.amount, of: table.name)
        }
    }

    /// Adds a column without a type.
    public func addUnmappedColumn() async throws -> String? {
        let column = ColumnDescription(name: "shape", type: nil, sourceType: "polygon", isNullable: true)
        database.add(column, to: table.name)
        return column.name
    }

    /// Values in the order of the table's fields, in the order of the columns that there are.
    private func shaped(_ values: [ColumnValue]) -> [ColumnValue] {
        let known = Dictionary(zip(table.fields.map(\.name), values)) { first, _ in first }
        return database.columns(of: table.name).map { known[$0] ?? .null }
    }

    /// Breaks the next read, or refuses the next session.
    public func inject(_ fault: SourceFault) async throws {
        switch fault {
        case .cutRead: database.cutRead(after: 3)
        case .refuseSession:
            database.failSessions(with: [SourceError(.unreachable, isTransient: true, message: "refused")])
        }
    }

    /// The rows that left the database.
    public func rowsHandedOut() async -> Int? { database.rowsHandedOut }

    /// The sessions that are open.
    public func openSessions() async -> Int? { database.openSessions }

    private func values(_ row: TestRow) -> [ColumnValue] {
        shaped(table.values(of: StoredRow(key: row.key, label: row.label, amount: row.amount)))
    }

    private func values(_ key: RowKey) -> [ColumnValue] { [.string(key.section), .integer(key.number)] }

    private func writeWithoutCursor(_ row: TestRow, in id: Int?) throws {
        guard id == nil else { throw StepRefused() }
        database.write([values(row)], into: table.name)
    }
}

extension SimulatedDatabase {
    /// Sets wall clocks forward or back.
    func shiftZone(_ microseconds: Int64) { state.withLock { $0.zone += microseconds } }
}

extension TestTable {
    /// What a source says of the table.
    public func description(for capabilities: ConnectorCapabilities) -> TableDescription {
        let columns = fields.map { field in
            ColumnDescription(
                name: field.name,
                type: field.type,
                sourceType: "\(field.type)",
                isNullable: !keys.contains(field.name)
            )
        }
        let candidate = CursorCandidate(
            column: cursor,
            type: cursorType,
            fractionalDigits: capabilities.fractionalDigits,
            isIndexed: true,
            isServerSet: true
        )
        return TableDescription(
            name: name,
            columns: columns,
            primaryKey: keys,
            cursorCandidates: capabilities.cursor == nil ? [] : [candidate],
            hasSnapshots: capabilities.hasSnapshots
        )
    }
}
