#if MariaDB
import ColumnBatches
public import SourceConnectors

extension MariaDBSession {
    /// Reads the server's clock, its oldest running statement and its oldest transaction that has written.
    ///
    /// The order matters. The clock comes first, so that a statement which begins later has a later time. The age
    /// of a statement is read after the clock, so that the start computed from the two errs early.
    public func signals() async throws -> MarkSignals {
        let control = try control()
        let now = try clock(control)
        let activity = try activity(control, now: now)
        var signals = MarkSignals(
            now: now,
            oldestStatement: activity.oldest,
            limitations: activity.limitations + (try serverLimitations(control)),
            heldBy: activity.holder,
            server: serverIdentity
        )
        do {
            if let writer = try oldestWriter(control) {
                signals.oldestWriter = writer.start
                if writer.start < signals.oldestStatement ?? now { signals.heldBy = writer.holder }
            }
        } catch let error as SourceError where error.serverCode == 1227 {
            signals.limitations.insert("the account lacks the PROCESS privilege", at: 0)
        }
        return signals
    }

    private func clock(_ control: ServerConnection) throws -> Int64 {
        let rows = try control.values("SELECT UTC_TIMESTAMP(6)", types: [.timestampNTZ])
        guard case .timestampNTZ(let now)? = rows.first?.first else {
            throw SourceError(.server, source: source, message: "the server does not tell the time")
        }
        return now
    }

    private struct Activity {
        var oldest: Int64?
        var holder: String?
        var limitations: [String] = []
    }

    /// What runs, other than this session and reads of this program.
    ///
    /// A statement that this program marks as its read begins with `SELECT`, and is prepared, so that it is one
    /// statement: it cannot write. Statements of any other form count, whoever runs them.
    private func activity(_ control: ServerConnection, now: Int64) throws -> Activity {
        let own = connectionIDs.map(String.init).joined(separator: ", ")
        let rows = try control.values(
            """
            SELECT CAST(ID AS SIGNED), CAST(COMMAND AS CHAR), CAST(CEILING(COALESCE(TIME_MS, 0) * 1000) AS SIGNED),
                CAST(USER AS CHAR)
            FROM information_schema.PROCESSLIST
            WHERE COMMAND NOT IN ('Sleep', 'Daemon', 'Binlog Dump') AND ID NOT IN (\(own))
                AND NOT (USER = SUBSTRING_INDEX(USER(), '@', 1) AND COALESCE(INFO, '') LIKE ?)
            """,
            [.text(SelectStatement.prefix + "%")],
            types: [.int64, .string, .int64, .string]
        )
        var activity = Activity()
        for row in rows {
            if row[3].text == "system user" {
                activity.limitations = ["the server is a replica: its rows carry the times of another server"]
                continue
            }
            let start = now - (row[2].integer ?? 0)
            if start < activity.oldest ?? .max {
                activity.oldest = start
                activity.holder = "thread \(row[0].integer ?? 0) (\(row[1].text))"
            }
        }
        return activity
    }

    /// The oldest transaction that has changed rows.
    ///
    /// The server prints its start in whole seconds of the operating system's zone, which is the zone of the
    /// control connection. In the hour that a clock repeats, the earlier of the two instants is taken.
    private func oldestWriter(_ control: ServerConnection) throws -> (start: Int64, holder: String)? {
        let rows = try control.values(
            """
            SELECT CAST(trx_mysql_thread_id AS SIGNED), CAST(UNIX_TIMESTAMP(trx_started) AS SIGNED),
                CAST(FROM_UNIXTIME(UNIX_TIMESTAMP(trx_started) - 3600) = trx_started AS SIGNED),
                CAST(FROM_UNIXTIME(UNIX_TIMESTAMP(trx_started) - 1800) = trx_started AS SIGNED)
            FROM information_schema.INNODB_TRX WHERE trx_rows_modified > 0
            """,
            types: [.int64, .int64, .int64, .int64]
        )
        let starts = rows.map { row in
            let fold: Int64 = row[2].integer == 1 ? 3_600 : row[3].integer == 1 ? 1_800 : 0
            let seconds = (row[1].integer ?? 0) - fold - 1
            return (start: seconds * 1_000_000, holder: "transaction of thread \(row[0].integer ?? 0)")
        }
        return starts.min { $0.start < $1.start }
    }

    private func serverLimitations(_ control: ServerConnection) throws -> [String] {
        let rows = try control.values(
            """
            SELECT VARIABLE_NAME, CAST(VARIABLE_VALUE AS CHAR) FROM information_schema.GLOBAL_VARIABLES
            WHERE VARIABLE_NAME IN ('READ_ONLY', 'WSREP_ON')
            """,
            types: [.string, .string]
        )
        return rows.filter { $0[1].text == "ON" }.map { row in
            row[0].text.uppercased() == "WSREP_ON"
                ? "the server is a node of a cluster, where each node has a clock of its own"
                : "the server is read-only, and so probably a replica"
        }
    }
}
#endif
