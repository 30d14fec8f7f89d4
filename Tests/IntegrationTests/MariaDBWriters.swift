#if MariaDB
import ConnectorTestKit
import Foundation
import SourceConnectors

/// Client sessions that carry out the steps of histories: one for each transaction, one for everything else.
actor MariaDBWriters {
    private let server: MariaDBServer
    private let table: TestTable
    private let time: String
    /// Whether rows are replaced, so that each takes the next number of the cursor.
    private let counts: Bool
    private var clients: [Int: MariaDBClient] = [:]

    /// The session outside transactions, and the one that holds the locks on which long statements wait.
    private static let single = -1
    private static let holder = -2

    init(_ server: MariaDBServer, _ table: TestTable, time: String, counts: Bool) {
        self.server = server
        self.table = table
        self.time = time
        self.counts = counts
    }

    static func quoted(_ name: String) -> String { "`\(name.replacing("`", with: "``"))`" }

    static func text(_ text: String?) -> String {
        guard let text else { return "NULL" }
        return "CONVERT(X'\(text.utf8.map { String(format: "%02x", $0) }.joined())' USING utf8mb4)"
    }

    func close() { clients = [:] }

    private func client(_ id: Int) throws -> MariaDBClient {
        if let client = clients[id] { return client }
        let client = try MariaDBClient(server, database: table.name.database)
        try client.execute("SET NAMES utf8mb4; SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
        clients[id] = client
        return client
    }

    private var name: String { Self.quoted(table.name.table) }

    func perform(_ step: SourceStep) throws {
        switch step {
        case .begin(let id): try client(id).execute("BEGIN")
        case .put(let id, let rows):
            for hasCursor in [true, false] {
                let some = rows.filter { $0.hasCursor == hasCursor }
                for part in stride(from: 0, to: some.count, by: 200) {
                    let values = some[part..<min(part + 200, some.count)].map(values).joined(separator: ",")
                    try write("VALUES \(values)", in: id, hasCursor: hasCursor)
                }
            }
        case .remove(let id, let keys):
            for key in keys { try change("DELETE FROM \(name) WHERE \(condition(key))", in: id) }
        case .rename(let id, let old, let new):
            let columns =
                "\(Self.quoted(table.section)) = \(Self.text(new.section)), "
                + "\(Self.quoted(table.number)) = \(new.number)"
            try change("UPDATE \(name) SET \(columns) WHERE \(condition(old))", in: id)
        case .beginLong(let id, let rows): try beginLong(rows, in: id)
        case .endLong(let id):
            try client(Self.holder).execute("DO RELEASE_LOCK('\(lock(id))')")
            try client(id).execute("DO RELEASE_ALL_LOCKS()")
        case .savepoint(let id): try client(id).execute("SAVEPOINT s")
        case .rollbackToSavepoint(let id): try client(id).execute("ROLLBACK TO SAVEPOINT s")
        case .commit(let id): try client(id).execute("COMMIT")
        case .rollback(let id): try client(id).execute("ROLLBACK")
        case .pass, .stepClock, .shiftZone: throw StepRefused()
        }
    }

    func contents() throws -> [StoredRow] {
        let column = Self.quoted(table.cursor)
        let cursor = counts ? column : "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', \(column))"
        let lines = try client(Self.single).execute(
            "SELECT HEX(\(Self.quoted(table.section))), \(Self.quoted(table.number)), "
                + "CONCAT('x', HEX(\(Self.quoted(table.label)))), \(Self.quoted(table.amount)), \(cursor) FROM \(name)"
        )
        return lines.map { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            return StoredRow(
                key: RowKey(Self.decoded(cells[0]), Int64(cells[1]) ?? 0),
                label: cells[2] == "NULL" ? nil : Self.decoded(String(cells[2].dropFirst())),
                amount: Int64(cells[3]),
                cursor: Int64(cells[4])
            )
        }
    }

    private static func decoded(_ hex: String) -> String {
        let digits = Array(hex.utf8)
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<($0 + 2)], as: UTF8.self), radix: 16)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func lock(_ id: Int) -> String { "\(table.name.database).\(id)" }

    /// A statement that has its time and waits until its lock is released, before it writes.
    private func beginLong(_ rows: [TestRow], in id: Int) throws {
        try client(Self.holder).execute("DO GET_LOCK('\(lock(id))', 10)")
        let selects = rows.map { "SELECT \(values($0).dropFirst().dropLast())" }.joined(
            separator: " UNION ALL "
        )
        let columns = "section_, number_, label_, amount_"
        try client(id).begin(
            "\(insertion) INTO \(name) (\(columnList)) WITH r (\(columns)) AS (\(selects)) SELECT r.* FROM "
                + "(SELECT GET_LOCK('\(lock(id))', 60) AS l) AS g, r WHERE g.l = 1 \(update(hasCursor: true))"
        )
        for _ in 0..<200 {
            let waiting = try client(Self.single).execute(
                "SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'User lock' "
                    + "AND info LIKE '%\(lock(id))%' AND id <> CONNECTION_ID()"
            )
            if waiting.first != "0" { return }
            Thread.sleep(forTimeInterval: 0.005)
        }
        throw MariaDBServer.Failure(description: "the long statement did not begin to wait")
    }

    private var columnList: String {
        [table.section, table.number, table.label, table.amount].map(Self.quoted).joined(separator: ", ")
    }

    private func values(_ row: TestRow) -> String {
        "(\(Self.text(row.key.section)), \(row.key.number), \(Self.text(row.label)), \(row.amount.map(String.init) ?? "NULL"))"
    }

    private func condition(_ key: RowKey) -> String {
        "\(Self.quoted(table.section)) = \(Self.text(key.section)) AND \(Self.quoted(table.number)) = \(key.number)"
    }

    private var insertion: String { counts ? "REPLACE" : "INSERT" }

    private func update(hasCursor: Bool) -> String {
        if counts { return "" }
        let others = [table.label, table.amount].map { "\(Self.quoted($0)) = VALUES(\(Self.quoted($0)))" }
        let cursor = "\(Self.quoted(table.cursor)) = \(hasCursor ? time : "NULL")"
        return "ON DUPLICATE KEY UPDATE " + (others + [cursor]).joined(separator: ", ")
    }

    private func write(_ rows: String, in id: Int?, hasCursor: Bool) throws {
        guard hasCursor else {
            let rows = rows.replacing("),(", with: ", NULL),(").dropLast() + ", NULL)"
            let columns = columnList + ", " + Self.quoted(table.cursor)
            return try change("INSERT INTO \(name) (\(columns)) \(rows) \(update(hasCursor: false))", in: id)
        }
        try change("\(insertion) INTO \(name) (\(columnList)) \(rows) \(update(hasCursor: true))", in: id)
    }

    /// Runs a statement; one that fails, such as for a lock, is a step that was refused.
    private func change(_ statement: String, in id: Int?) throws {
        let answer = try client(id ?? Self.single).execute(statement + ";\nSELECT ROW_COUNT()")
        if answer.last == "-1" { throw StepRefused() }
    }
}
#endif
