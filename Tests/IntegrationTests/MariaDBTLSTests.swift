#if MariaDB
import ColumnBatches
import MariaDBConnectors
import SourceConnectors
import Testing

@Suite(
    "MariaDB TLS",
    .enabled(
        if: MariaDBServer.isInstalled && MariaDBServer.find("openssl") != nil,
        "mariadbd or openssl is not installed"
    )
)
struct MariaDBTLSTests {
    private static let server = Result { try MariaDBServer.withTLS() }

    private func read(_ host: String, _ tls: MariaDBTLS) async throws -> Int {
        let server = try Self.server.get()
        let (connector, source) = server.connector {
            $0.address = .tcp(host: host, port: server.port)
            $0.user = "owner"
            $0.password = .literal("owner")
            $0.tls = tls
        }
        let query = ReadQuery(
            table: TableName(database: "information_schema", table: "COLLATIONS"),
            columns: [Field("COLLATION_NAME", .string)],
            batchRows: 7
        )
        return try await connector.withSession(for: source) { session in
            var rows = 0
            for try await batch in try await session.rows(query, at: .snapshot) { rows += batch.rowCount }
            return rows
        }
    }

    @Test("rows come encrypted from a server whose certificate is trusted and names the host")
    func trusted() async throws {
        let authority = try Self.server.get().authority
        let rows = try await read("localhost", .required(ca: authority))
        #expect(rows > 100)
        #expect(try await read("localhost", .disabled) == rows)
    }

    @Test("a certificate of an unknown authority is refused")
    func unknownAuthority() async throws {
        let error = await #expect(throws: SourceError.self) { try await read("localhost", .required()) }
        #expect(error?.code == .insecure && error?.isTransient == false)
    }

    @Test("a certificate that names another host is refused")
    func otherHost() async throws {
        let authority = try Self.server.get().authority
        let error = await #expect(throws: SourceError.self) {
            try await read("127.0.0.1", .required(ca: authority))
        }
        #expect(error?.code == .insecure && error?.isTransient == false)
    }
}
#endif
