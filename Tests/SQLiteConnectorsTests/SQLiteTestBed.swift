#if SQLite
import CSQLite
import ColumnBatches
import ConnectorTestKit
import Foundation
import SQLiteConnectors
import SourceConnectors

/// Makes database files, and changes them by connections of its own.
struct SQLiteTestBed: ConnectorTestBed {
    /// How the files and their tables are made.
    enum Kind {
        /// With row ids, and instants to the millisecond.
        case instants
        /// Without row ids, and with wall clocks.
        case wallClocks
    }

    var kind = Kind.instants

    var name: String { kind == .instants ? "SQLite" : "SQLite, wall clocks" }

    var capabilities: ConnectorCapabilities {
        var capabilities = ConnectorCapabilities()
        capabilities.mutation = .transactions
        capabilities.tellsWriters = true
        capabilities.cursor = kind == .instants ? .instant : .wallClock
        capabilities.fractionalDigits = 3
        capabilities.filters = Set(RowFilter.Comparison.allCases)
        capabilities.hasVirtualClock = true
        capabilities.changesTables = true
        return capabilities
    }

    func withFixture<Result: Sendable>(
        _ table: TestTable,
        _ body: (SQLiteFixture) async throws -> Result
    ) async throws -> Result {
        let fixture = try await SQLiteFixture(table, kind)
        return try await body(fixture)
    }

    func brokenConnectors() -> [BrokenConnector<SQLiteConnector>] {
        let source = Source(region: "eu", client: "1", connection: "files")
        return [
            BrokenConnector(
                "no such file",
                connector: SQLiteConnector(connections: ["files": SQLiteConnection(folder: "/nowhere")]),
                source: source,
                code: .unreachable
            ),
            BrokenConnector(
                "no such connection",
                connector: SQLiteConnector(connections: [:]),
                source: source,
                code: .invalid
            ),
        ]
    }
}

/// A database file with the kit's table.
struct SQLiteFixture: SourceFixture {
    private let folder: TestFolder
    private let table: TestTable
    private let clock = TestClock()
    private let writers: SQLiteWriters
    let connector: SQLiteConnector

    var source: Source { Source(region: "eu", client: "1", connection: "files") }

    init(_ table: TestTable, _ kind: SQLiteTestBed.Kind) async throws {
        self.table = table
        folder = try TestFolder()
        var connection = SQLiteConnection(folder: folder.path)
        connection.writerPatience = .milliseconds(5)
        connector = SQLiteConnector(connections: ["files": connection], clock: { [clock] in clock.now })
        writers = SQLiteWriters(path: "\(folder.path)/\(table.name.database)", table: table, clock: clock)
        try await writers.make(kind)
    }

    func perform(_ step: SourceStep) async throws { try await writers.perform(step) }
    func contents() async throws -> [StoredRow] { try await writers.contents() }
    func change(_ change: TableChange) async throws { try await writers.change(change) }

    /// The descriptors of the file once the fixture has closed its own, which hold back the closing of others.
    func openSessions() async -> Int? {
        let all = "/proc/self/fd"
        guard await writers.rest(), let names = try? FileManager.default.contentsOfDirectory(atPath: all)
        else {
            return nil
        }
        let path = "\(folder.path)/\(table.name.database)"
        return names.count {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(all)/\($0)")) == path
        }
    }
}

/// Connections that carry out the steps of histories: one for each transaction, one for everything else.
actor SQLiteWriters {
    private let path: String
    private let table: TestTable
    private let clock: TestClock
    private var connections: [Int: TestDatabase] = [:]
    private var hasAmount = true

    /// The connection outside transactions.
    private static let single = -1

    init(path: String, table: TestTable, clock: TestClock) {
        self.path = path
        self.table = table
        self.clock = clock
    }

    /// Closes all connections, unless one of them is in a transaction.
    func rest() -> Bool {
        guard connections.keys.allSatisfy({ $0 == Self.single }) else { return false }
        connections = [:]
        return true
    }

    private func connection(_ id: Int?) throws -> TestDatabase {
        if let connection = connections[id ?? Self.single] { return connection }
        let connection = try TestDatabase(path, clock: clock)
        connections[id ?? Self.single] = connection
        return connection
    }

    private static func quoted(_ name: String) -> String { "[\(name)]" }

    func make(_ kind: SQLiteTestBed.Kind) throws {
        let names = table.fields.map { Self.quoted($0.name) }
        let time = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
        try connection(nil).run(
            """
            PRAGMA journal_mode = WAL;
            CREATE TABLE \(Self.quoted(table.name.table)) (
                \(names[0]) TEXT NOT NULL, \(names[1]) INTEGER NOT NULL, \(names[2]) TEXT, \(names[3]) BIGINT,
                \(names[4]) \(kind == .instants ? "TIMESTAMP" : "DATETIME") DEFAULT (\(time)),
                PRIMARY KEY (\(names[0]), \(names[1]))
            ) \(kind == .instants ? "" : "WITHOUT ROWID");
            CREATE INDEX changed ON \(Self.quoted(table.name.table)) (\(names[4]));
            CREATE TRIGGER touched AFTER UPDATE ON \(Self.quoted(table.name.table))
            WHEN NEW.\(names[4]) IS OLD.\(names[4]) BEGIN
                UPDATE \(Self.quoted(table.name.table)) SET \(names[4]) = \(time)
                    WHERE \(names[0]) = NEW.\(names[0]) AND \(names[1]) = NEW.\(names[1]);
            END;
            """
        )
    }

    func change(_ change: TableChange) throws {
        let name = Self.quoted(table.name.table)
        switch change {
        case .addColumn: try connection(nil).run("ALTER TABLE \(name) ADD COLUMN added TEXT")
        case .dropAmount:
            try connection(nil).run("ALTER TABLE \(name) DROP COLUMN \(Self.quoted(table.amount))")
            hasAmount = false
        }
    }

    func perform(_ step: SourceStep) throws {
        do {
            try carryOut(step)
        } catch let error as TestDatabaseError
            where [SQLITE_BUSY, SQLITE_LOCKED, SQLITE_CONSTRAINT].contains(error.code)
        {
            throw StepRefused()
        }
    }

    private func carryOut(_ step: SourceStep) throws {
        let name = Self.quoted(table.name.table)
        let names = table.fields.map { Self.quoted($0.name) }
        let isKey = "\(names[0]) = ? AND \(names[1]) = ?"
        switch step {
        case .begin(let id): try connection(id).run("BEGIN")
        case .put(let id, let rows):
            try all(rows, in: id) { row, connection in
                let values = table.values(of: StoredRow(key: row.key, label: row.label, amount: row.amount))
                    .map(Self.value)
                var cells = Array(zip(names, values).prefix(row.hasCursor ? 4 : 5))
                if !hasAmount { cells.remove(at: 3) }
                let columns = cells.map(\.0)
                let places = cells.map { _ in "?" }.joined(separator: ", ")
                try connection.run(
                    """
                    INSERT INTO \(name) (\(columns.joined(separator: ", "))) VALUES (\(places)) ON CONFLICT DO UPDATE
                    SET \(columns.dropFirst(2).map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
                    """,
                    cells.map(\.1)
                )
            }
        case .remove(let id, let keys):
            try all(keys, in: id) { key, connection in
                try connection.run(
                    "DELETE FROM \(name) WHERE \(isKey)",
                    [.text(key.section), .integer(key.number)]
                )
            }
        case .rename(let id, let old, let new):
            try connection(id).run(
                "UPDATE \(name) SET \(names[0]) = ?, \(names[1]) = ? WHERE \(isKey)",
                [.text(new.section), .integer(new.number), .text(old.section), .integer(old.number)]
            )
        case .savepoint(let id): try connection(id).run("SAVEPOINT s")
        case .rollbackToSavepoint(let id): try connection(id).run("ROLLBACK TO s")
        case .commit(let id): try connection(id).run("COMMIT")
        case .rollback(let id): try connection(id).run("ROLLBACK")
        case .pass(let time), .stepClock(let time): clock.pass(time)
        case .shiftZone(let time): clock.shiftZone(time)
        case .beginLong, .endLong: throw StepRefused()
        }
    }

    /// All or nothing: a statement for each, and none of them where one is refused.
    private func all<Item>(_ items: [Item], in id: Int?, _ body: (Item, TestDatabase) throws -> Void) throws {
        let connection = try connection(id)
        try connection.run("SAVEPOINT one_step")
        do {
            for item in items { try body(item, connection) }
            try connection.run("RELEASE one_step")
        } catch {
            _ = try? connection.run(id == nil ? "ROLLBACK" : "ROLLBACK TO one_step; RELEASE one_step")
            throw error
        }
    }

    private static func value(_ value: ColumnValue) -> TestDatabase.Value {
        switch value {
        case .string(let text): .text(text)
        case .integer(let number): .integer(number)
        default: .null
        }
    }

    func contents() throws -> [StoredRow] {
        let columns = table.fields.map { field in
            field.name == table.amount && !hasAmount ? "NULL" : Self.quoted(field.name)
        }
        .joined(separator: ", ")
        return try connection(nil).run("SELECT \(columns) FROM \(Self.quoted(table.name.table))").map { row in
            guard case .text(let section) = row[0], case .integer(let number) = row[1] else {
                throw StepRefused()
            }
            var stored = StoredRow(key: RowKey(section, number))
            if case .text(let label) = row[2] { stored.label = label }
            if case .integer(let amount) = row[3] { stored.amount = amount }
            if case .text(let time) = row[4] {
                let date = try Date(time.prefix(19).replacing(" ", with: "T") + "Z", strategy: .iso8601)
                stored.cursor =
                    Int64(date.timeIntervalSince1970) * 1_000_000 + (Int64(time.suffix(3)) ?? 0) * 1000
            }
            return stored
        }
    }
}
#endif
