#if MariaDB
import ColumnBatches
import SourceConnectors

extension ServerConnection {
    /// Sets the session up so that what it reads is complete, exact and never a change.
    ///
    /// - `sql_mode`: no mode that alters what is read; zero dates may be compared with.
    /// - `sql_select_limit`: a limit set for all sessions would cut results silently.
    /// - `autocommit`: what is read without a snapshot holds nothing afterwards.
    /// - the timeouts: a reader that writes files between two batches must not lose its connection, nor the
    ///   control connection while another one streams.
    func setUp(_ role: Role) throws {
        var variables = [
            "sql_mode=''",
            "sql_select_limit=18446744073709551615",
            "autocommit=1",
            "net_write_timeout=3600",
            "net_read_timeout=600",
            "wait_timeout=86400",
            "idle_transaction_timeout=0",
            "idle_readonly_transaction_timeout=0",
            "lock_wait_timeout=\(settings.lockWaitTimeout.wholeSeconds)",
        ]
        if let limit = settings.maximumStatementTime {
            variables.append("max_statement_time=\(limit.wholeSeconds)")
        }
        try run("SET " + variables.map { "SESSION " + $0 }.joined(separator: ", "))
        try take(role)
    }

    /// Changes what a role has of its own, where the connection has another one.
    ///
    /// - `time_zone`: instants arrive in UTC. The control connection stays in the server's own zone instead, as
    ///   the start of a transaction is printed in that one.
    /// - the character set: the names in information_schema are utf8mb3, and a bound utf8mb4 text does not compare with
    ///   them.
    func take(_ role: Role) throws {
        guard role != self.role else { return }
        try run(
            role == .control
                ? "SET SESSION character_set_client=utf8mb3, SESSION collation_connection=utf8mb3_general_ci, "
                    + "SESSION time_zone='SYSTEM'"
                : "SET NAMES utf8mb4, SESSION time_zone='+00:00'"
        )
        if self.role?.isolation != role.isolation {
            try run("SET SESSION TRANSACTION ISOLATION LEVEL \(role.isolation), READ ONLY")
        }
        self.role = role
    }

    /// What tells this server from any other, for comparison between the connections of a session.
    func serverIdentity() throws -> String {
        let rows = try values(
            "SELECT CAST(CONCAT_WS('|', @@hostname, @@port, @@server_id, @@datadir, @@version) AS CHAR)",
            types: [.string]
        )
        guard case .string(let identity)? = rows.first?.first else {
            throw SourceError(.server, source: source, message: "the server does not say who it is")
        }
        return identity
    }
}

extension ServerConnection.Role {
    fileprivate var isolation: String {
        self == .uncommitted ? "READ UNCOMMITTED" : "REPEATABLE READ"
    }
}
#endif
