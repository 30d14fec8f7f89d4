#if MariaDB
import ColumnBatches
import ConnectorTestKit
import DeltaTables
import MariaDBConnectors
import ObjectStores
import SourceConnectors
import SyncPipelines
import Testing

/// A system-versioned table on a server, and a lake that it is brought to by the start of its rows' versions.
struct MariaDBHistoryBench: Sendable {
    let server: MariaDBServer
    let database: String
    let lake = MemoryObjectStore()
    var template = TableTemplate(schema: "shop", name: "t", cursor: .column("since"))
    var guardrails = Guardrails()
    var limits = Limits()

    /// A server of its own: what other tests run there would hold marks back.
    init(_ server: Result<MariaDBServer, any Error>) throws {
        self.server = try server.get()
        database = try self.server.makeDatabase()
        template.findDeletes = .history
        limits.attempts = 1
        limits.leaseDuration = .zero
    }

    static var all: TaskSelection { TaskSelection(regions: .all) }

    static let table = """
        CREATE TABLE t (id INT PRIMARY KEY, v INT,
            since TIMESTAMP(6) GENERATED ALWAYS AS ROW START, until TIMESTAMP(6) GENERATED ALWAYS AS ROW END,
            PERIOD FOR SYSTEM_TIME (since, until), KEY (since), KEY (until)) ENGINE=InnoDB WITH SYSTEM VERSIONING;
        """

    func execute(_ statements: String) throws { try server.execute(statements, database: database) }

    func client() throws -> MariaDBClient {
        let client = try MariaDBClient(server, database: database)
        try client.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
        return client
    }

    func pipeline(_ lake: (any ObjectStore)? = nil) -> SyncPipeline<MariaDBConnector> {
        server.pipeline(of: template, database: database, to: lake ?? self.lake) { configuration in
            configuration.limits = limits
            configuration.guardrails = guardrails
        }
    }

    func prepare() async throws -> PrepareReport { try await pipeline().prepare(Self.all) }

    /// Runs the task, which must succeed.
    func run(_ lake: (any ObjectStore)? = nil) async throws -> TaskReport {
        let report = try await pipeline(lake).run(Self.all)
        #expect(report.succeeded, "\(report.text)")
        return try #require(report.tasks.first)
    }

    /// The rows of the lake that a condition leaves, as texts such as `7 1`.
    func rows(
        _ columns: [String] = ["id", "v"],
        in lake: (any ObjectStore)? = nil,
        where predicate: Predicate? = nil
    ) async throws -> [String] {
        let table = DeltaTable(store: lake ?? self.lake, path: "shop/t")
        var rows: [String] = []
        let read = try table.rows(of: try await table.snapshot(), columns: columns, where: predicate)
        for try await batch in read {
            for row in 0..<batch.rowCount {
                rows.append(batch.row(row).map(Self.text).joined(separator: " "))
            }
        }
        return rows.sorted()
    }

    private static func text(_ value: ColumnValue) -> String {
        switch value {
        case .integer(let number): "\(number)"
        case .string(let text): text
        case .null: "NULL"
        default: "\(value)"
        }
    }

    /// The rows of the source in the same form.
    func sourceRows(_ columns: String = "id, v") throws -> [String] {
        try server.execute("SELECT CONCAT_WS(' ', \(columns)) FROM t", database: database)
            .split(separator: "\n").map(String.init).sorted()
    }
}
#endif
