import ColumnBatches
import ConnectorTestKit
import Foundation
import PagedAPIConnector
import SourceConnectors
import Synchronization
import Testing

@Suite("PagedAPIConnector") struct PagedAPIConnectorTests {
    static let conformance = ConnectorConformance(PagedAPITestBed(), effort: .ofExamples)

    @Test("conforms", arguments: conformance.properties)
    func conforms(_ property: ConnectorProperty<PagedAPITestBed>) async throws {
        try await Self.conformance.check(property)
    }
}

extension ConformanceEffort {
    /// Half of the usual histories, and every fifth operation of a store: the examples take seconds.
    static var ofExamples: ConformanceEffort {
        var effort = ConformanceEffort(histories: 10)
        effort.crashStride = 5
        return effort
    }
}

/// Makes APIs that answer in this process, over a simulated database.
struct PagedAPITestBed: ConnectorTestBed {
    let name = "paged API"
    let secrets = ["token-of-the-tests", "token-that-is-wrong"]

    var capabilities: ConnectorCapabilities {
        var capabilities = SimulatedTestBed().capabilities
        capabilities.mutation = .rows
        capabilities.hasSnapshots = false
        capabilities.readsUncommitted = false
        capabilities.filters = []
        capabilities.cutsKeys = false
        // The columns that it serves are fixed.
        capabilities.changesTables = false
        capabilities.hasLongStatements = false
        return capabilities
    }

    func withFixture<Result: Sendable>(
        _ table: TestTable,
        _ body: (PagedAPIFixture) async throws -> Result
    ) async throws -> Result {
        let database = SimulatedFixture(table: table, capabilities: SimulatedTestBed().capabilities)
        return try await body(PagedAPIFixture(server: APIServer(database, table)))
    }

    func brokenConnectors() -> [BrokenConnector<PagedAPIConnector>] {
        let table = TestTable()
        let database = SimulatedFixture(table: table, capabilities: capabilities)
        let fixture = PagedAPIFixture(server: APIServer(database, table), token: "token-that-is-wrong")
        return [
            BrokenConnector(
                "wrong token",
                connector: fixture.connector,
                source: fixture.source,
                code: .accessDenied
            )
        ]
    }
}

struct PagedAPIFixture: SourceFixture {
    let server: APIServer
    var token = "token-of-the-tests"

    var source: Source { Source(region: "eu", client: "1", connection: "api") }

    var connector: PagedAPIConnector {
        let token = token
        return PagedAPIConnector(transports: ["api": server], token: { token })
    }

    func perform(_ step: SourceStep) async throws { try await server.database.perform(step) }
    func contents() async throws -> [StoredRow] { try await server.database.contents() }
    func inject(_ fault: SourceFault) async throws { server.inject(fault) }
    func rowsHandedOut() async -> Int? { server.rowsHandedOut }
}

/// An API in memory: the clock, one table, and its pages.
final class APIServer: APITransport {
    private struct State {
        var pagesUntilFault: Int?
        var rowsHandedOut = 0
    }

    let database: SimulatedFixture
    private let table: TestTable
    private let state = Mutex(State())

    init(_ database: SimulatedFixture, _ table: TestTable) {
        self.database = database
        self.table = table
    }

    var rowsHandedOut: Int { state.withLock { $0.rowsHandedOut } }

    func inject(_ fault: SourceFault) {
        state.withLock { $0.pagesUntilFault = fault == .cutRead ? 3 : 0 }
    }

    func get(_ path: String, token: String) async throws -> (status: Int, body: [UInt8]) {
        guard token == "token-of-the-tests" else { return (401, []) }
        let isFaulty = state.withLock { state in
            guard let pages = state.pagesUntilFault else { return false }
            state.pagesUntilFault = pages == 0 ? nil : pages - 1
            return pages == 0
        }
        if isFaulty { return (503, []) }
        guard let url = URLComponents(string: path) else { return (400, []) }
        switch url.path {
        case "/clock": return try answer(["now": .number(database.database.now)])
        case "/tables/\(table.name.table)":
            let columns = table.fields.map { field -> JSON in
                let type = field.type == .string ? "string" : field.type == .int64 ? "long" : "timestamp"
                let isNullable = JSON.flag(!table.keys.contains(field.name))
                return .object(["name": .text(field.name), "type": .text(type), "nullable": isNullable])
            }
            return try answer([
                "columns": .list(columns), "key": .list(table.keys.map(JSON.text)),
                "cursor": .text(table.cursor),
            ])
        case "/tables/\(table.name.table)/rows": return try await page(url.queryItems ?? [])
        default: return (404, [])
        }
    }

    private func page(_ query: [URLQueryItem]) async throws -> (status: Int, body: [UInt8]) {
        var parameters: [String: String] = [:]
        for item in query { parameters[item.name] = item.value }
        let byKey = parameters["order"] == "key"
        func place(_ row: StoredRow) -> (Int64, RowKey) { (byKey ? 0 : row.cursor ?? .min, row.key) }
        var rows = try await database.contents().sorted { place($0) < place($1) }
        if let since = parameters["since"].flatMap({ Int64($0) }) {
            rows = rows.filter { row in row.cursor.map { $0 >= since } ?? (parameters["nulls"] == "true") }
        }
        if let after = parameters["after"]?.split(separator: "|", maxSplits: 2), after.count == 3 {
            let last = (Int64(after[0]) ?? 0, RowKey(String(after[2]), Int64(after[1]) ?? 0))
            rows = rows.filter { place($0) > last }
        }
        let limit = Int(parameters["limit"] ?? "") ?? 100
        let page = rows.prefix(limit)
        state.withLock { $0.rowsHandedOut += page.count }
        let names = (parameters["columns"] ?? "").split(separator: ",").map(String.init)
        let next =
            rows.count > limit ? page.last.map { "\(place($0).0)|\($0.key.number)|\($0.key.section)" } : nil
        return try answer([
            "rows": .list(page.map { row in .list(names.map { cell(row, $0) }) }),
            "next": next.map(JSON.text) ?? .null,
        ])
    }

    private func cell(_ row: StoredRow, _ name: String) -> JSON {
        switch table.values(of: row)[table.fields.firstIndex { $0.name == name } ?? 0] {
        case .string(let text): .text(text)
        case .integer(let number), .timestamp(let number): .text("\(number)")
        default: .null
        }
    }

    private func answer(_ object: [String: JSON]) throws -> (status: Int, body: [UInt8]) {
        (200, [UInt8](try JSONEncoder().encode(JSON.object(object))))
    }
}

/// A JSON value to encode.
enum JSON: Encodable {
    case null, flag(Bool), number(Int64), text(String), list([JSON]), object([String: JSON])

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .flag(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
