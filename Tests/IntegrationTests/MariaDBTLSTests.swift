#if MariaDB
import ColumnBatches
@testable import MariaDBConnectors
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

    private func signals(_ change: (inout MariaDBConnection) -> Void) async throws -> MarkSignals {
        let server = try Self.server.get()
        let (connector, source) = server.connector {
            $0.address = .tcp(host: "localhost", port: server.port)
            $0.tls = .required(ca: server.authority)
            change(&$0)
        }
        return try await connector.withSession(for: source) { try await $0.signals() }
    }

    @Test("an account that asks for a certificate gets one, or refuses")
    func clientCertificate() async throws {
        let server = try Self.server.get()
        let user = "x\(UInt32.random(in: 0 ... .max))"
        try server.execute(
            "CREATE USER \(user)@'127.0.0.1' IDENTIFIED BY 'p' REQUIRE X509; GRANT PROCESS ON *.* TO \(user)@'127.0.0.1';"
        )
        let signals = try await signals {
            $0.user = user
            $0.password = .literal("p")
            $0.tls = .required(
                MariaDBCertificates(
                    authority: server.authority,
                    certificate: server.directory + "/tls/client.pem",
                    key: server.directory + "/tls/client-key.pem"
                )
            )
        }
        #expect(signals.now > 0)
        let error = await #expect(throws: SourceError.self) {
            try await self.signals {
                $0.user = user
                $0.password = .literal("p")
            }
        }
        #expect(error?.code == .accessDenied && error?.serverCode == 1045)
    }

    @Test("a login method that is not allowed is refused before the password is used")
    func allowedLogins() async throws {
        let error = await #expect(throws: SourceError.self) {
            try await signals {
                $0.user = "owner"
                $0.password = .literal("owner")
                $0.allowedLogins = ["client_ed25519"]
            }
        }
        #expect(error?.code == .insecure && error?.serverCode == 5010 && error?.isTransient == false)
    }

    @Test("methods that a key of anybody on the way could open are allowed only where nobody is on the way")
    func defaultLogins() {
        var settings = MariaDBConnection(host: "db.example.com", user: "u", password: .none)
        #expect(settings.logins.contains("caching_sha2_password"))
        settings.tls = .disabled
        #expect(settings.logins == ["mysql_native_password", "client_ed25519"])
        settings.address = .socket(path: "/s")
        #expect(settings.logins.contains("caching_sha2_password"))
        #expect(!settings.logins.contains("mysql_clear_password") && !settings.logins.contains("dialog"))
    }

    @Test(
        "an account with an ed25519 key logs in",
        .enabled(if: MariaDBServer.loginPlugins != nil, "the server's plugin auth_ed25519 is not installed")
    )
    func ed25519() async throws {
        let server = try Self.server.get()
        let user = "e\(UInt32.random(in: 0 ... .max))"
        try server.execute(
            "CREATE USER \(user)@'127.0.0.1' IDENTIFIED VIA ed25519 USING PASSWORD('secret'); "
                + "GRANT PROCESS ON *.* TO \(user)@'127.0.0.1';"
        )
        let signals = try await signals {
            $0.user = user
            $0.password = .literal("secret")
            $0.allowedLogins = ["client_ed25519"]
        }
        #expect(signals.now > 0 && signals.limitations.isEmpty)
        let error = await #expect(throws: SourceError.self) {
            try await self.signals {
                $0.user = user
                $0.password = .literal("wrong")
            }
        }
        #expect(error?.code == .accessDenied)
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
