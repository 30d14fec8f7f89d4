#if MariaDB
import ColumnBatches
import FoundationEssentials
public import SourceConnectors

extension MariaDBSession {
    /// Reads the server's clock, its oldest running statement and its oldest transaction that has written.
    ///
    /// The order matters. The clock comes first, so that a statement which begins later has a later time. The age
    /// of a statement is read after the clock, so that the start computed from the two errs early. What has
    /// written is read last: a statement that ended before had written by then.
    public func signals() async throws -> MarkSignals {
        let reading = ContinuousClock.now
        let (signals, isFresh) = try await readSignals()
        if isFresh { keep(signals, reading) }
        return signals
    }

    /// The signals that another session has read since an instant, or those of now.
    public func signals(since instant: ContinuousClock.Instant) async throws -> MarkSignals {
        if serverIdentity.isEmpty { _ = try readingConnection() }
        if let known = knownSignals(since: instant) { return known }
        let reading = ContinuousClock.now
        let (signals, isFresh) = try await readSignals()
        // Where another session has just read the server's list, it has the better ones. Were none kept, the list would be read
        // again and again, and never be renewed.
        if !isFresh, let known = knownSignals(since: instant) { return known }
        keep(signals, reading)
        return signals
    }

    private func keep(_ signals: MarkSignals, _ instant: ContinuousClock.Instant) {
        shared.activity.record(signals, of: serverIdentity, account: source.connection, at: instant)
    }

    private func knownSignals(since instant: ContinuousClock.Instant) -> MarkSignals? {
        shared.activity.signals(of: serverIdentity, account: source.connection, since: instant)
    }

    /// The signals of now, and whether the server's list of transactions was fresh.
    private func readSignals() async throws -> (signals: MarkSignals, isFresh: Bool) {
        let control = try control()
        let before = Self.ownClock
        let now = try clock(control)
        let after = max(before, Self.ownClock)
        let activity = try activity(control, now: now)
        var signals = MarkSignals(
            now: now,
            oldestStatement: activity.oldest,
            limitations: try serverLimitations(control) + activity.limitations,
            heldBy: activity.holder,
            server: serverIdentity,
            observed: before...after
        )
        var isFresh = true
        do {
            isFresh = try await addWriters(to: &signals, control)
        } catch let error as SourceError where error.serverCode == 1227 {
            signals.limitations.insert("the account lacks the PROCESS privilege", at: 0)
        }
        return (signals, isFresh)
    }

    /// This program's clock in microseconds since 1970-01-01T00:00:00Z.
    private static var ownClock: Int64 { Int64(Date().timeIntervalSince1970 * 1_000_000) }

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

    /// What runs, other than on the connections of this connector and reads of this program.
    ///
    /// All connections of the connector are read-only. So is a statement of the same user that begins as this program's
    /// reads do. Statements of any other form count, whoever runs them. After a server's start another connection may have
    /// the number of one that was lost: the user must be the same.
    private func activity(_ control: ServerConnection, now: Int64) throws -> Activity {
        let own = connectionIDs.map(String.init).joined(separator: ", ")
        let beside = shared.activity.connections(to: serverIdentity).union(connectionIDs)
            .map(String.init).joined(separator: ", ")
        let rows = try control.values(
            """
            SELECT CAST(ID AS SIGNED), CAST(COMMAND AS CHAR), CAST(CEILING(COALESCE(TIME_MS, 0) * 1000) AS SIGNED),
                CAST(USER AS CHAR)
            FROM information_schema.PROCESSLIST
            WHERE COMMAND NOT IN ('Sleep', 'Daemon', 'Binlog Dump') AND ID NOT IN (\(own))
                AND NOT (USER = SUBSTRING_INDEX(USER(), '@', 1)
                    AND (ID IN (\(beside)) OR COALESCE(INFO, '') LIKE ?))
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

    /// Adds the oldest transaction that has written, from a fresh list or with what bounds a stale one.
    ///
    /// - Returns: Whether the list was fresh.
    private func addWriters(to signals: inout MarkSignals, _ control: ServerConnection) async throws -> Bool {
        let reading = ServerActivity.Reading(now: signals.now, oldestStatement: signals.oldestStatement)
        var writers = try writers(control)
        var attempts = 1
        while !writers.isFresh && attempts < 6 {
            if let earlier = shared.activity.reading(of: serverIdentity),
                (0..<1_000_000).contains(signals.now - earlier.now)
            {
                break
            }
            // The list is renewed when nobody has read it for a tenth of a second.
            try await Task.sleep(for: .milliseconds(105 + attempts))
            writers = try self.writers(control)
            attempts += 1
        }
        if let oldest = writers.oldest {
            signals.oldestWriter = oldest.start
            if oldest.start < signals.oldestStatement ?? signals.now { signals.heldBy = oldest.holder }
        }
        if writers.isFresh {
            shared.activity.record(reading, of: serverIdentity)
        } else if let earlier = shared.activity.reading(of: serverIdentity) {
            if earlier.bound < signals.oldestStatement ?? .max {
                if signals.heldBy == nil { signals.heldBy = "the age of the server's list of transactions" }
                signals.oldestStatement = earlier.bound
            }
        } else {
            signals.limitations.append(
                "another program reads INNODB_TRX so often that the server does not renew it"
            )
        }
        return writers.isFresh
    }

    private struct Writers {
        var oldest: (start: Int64, holder: String)?
        var isFresh = false
    }

    /// The oldest transaction that has changed rows, and whether the list was made for this statement.
    ///
    /// The list is fresh when it shows this very statement, by a number in its text, in a transaction of the
    /// control connection. The server prints a start in whole seconds of the operating system's zone, which is the
    /// zone of the control connection. In the hour that a clock repeats, the earlier of the two instants is taken.
    private func writers(_ control: ServerConnection) throws -> Writers {
        try control.run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        defer { try? control.run("COMMIT") }
        let nonce = UInt64.random(in: 1_000_000_000_000_000...9_999_999_999_999_999)
        let rows = try control.values(
            """
            SELECT \(nonce) IS NULL, CAST(trx_mysql_thread_id AS SIGNED),
                CAST(UNIX_TIMESTAMP(trx_started) AS SIGNED),
                CAST(FROM_UNIXTIME(UNIX_TIMESTAMP(trx_started) - 3600) = trx_started AS SIGNED),
                CAST(FROM_UNIXTIME(UNIX_TIMESTAMP(trx_started) - 1800) = trx_started AS SIGNED),
                CAST(COALESCE(trx_query, '') LIKE 'SELECT \(nonce)%' AS SIGNED)
            FROM information_schema.INNODB_TRX
            WHERE trx_rows_modified > 0 OR trx_mysql_thread_id = \(control.id)
            """,
            types: Array(repeating: .int64, count: 6)
        )
        var writers = Writers()
        for row in rows {
            if row[1].integer == Int64(exactly: control.id) {
                if row[5].integer == 1 { writers.isFresh = true }
                continue
            }
            let fold: Int64 = row[3].integer == 1 ? 3_600 : row[4].integer == 1 ? 1_800 : 0
            let start = ((row[2].integer ?? 0) - fold - 1) * 1_000_000
            if start < writers.oldest?.start ?? .max {
                writers.oldest = (start, "transaction of thread \(row[1].integer ?? 0)")
            }
        }
        return writers
    }

    /// What the server's own settings take from the signals; asked for once a session.
    private func serverLimitations(_ control: ServerConnection) throws -> [String] {
        if let knownLimitations { return knownLimitations }
        let rows = try control.values(
            """
            SELECT VARIABLE_NAME, CAST(VARIABLE_VALUE AS CHAR) FROM information_schema.GLOBAL_VARIABLES
            WHERE VARIABLE_NAME IN ('READ_ONLY', 'WSREP_ON')
            """,
            types: [.string, .string]
        )
        let limitations = rows.filter { $0[1].text == "ON" }.map { row in
            row[0].text.uppercased() == "WSREP_ON"
                ? "the server is a node of a cluster, where each node has a clock of its own"
                : "the server is read-only, and so probably a replica"
        }
        knownLimitations = limitations
        return limitations
    }
}
#endif
