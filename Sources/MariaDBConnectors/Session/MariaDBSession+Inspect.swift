#if MariaDB
import ColumnBatches
import FoundationEssentials
public import SourceConnectors

extension MariaDBSession: InspectingSession {
    /// Looks at the version, the privileges, the clock, the time zone and the role of the server, and at the engines and
    /// foreign keys of tables.
    public func inspect(_ tables: [TableName]) async throws -> SourceInspection {
        let signals = try await signals()
        let local = Int64(Date().timeIntervalSince1970 * 1_000_000)
        let control = try control()
        let rows = try control.values(
            """
            SELECT CAST(@@version AS CHAR), CAST(@@version_comment AS CHAR), CAST(@@system_time_zone AS CHAR),
                CAST(@@global.time_zone AS CHAR), CAST(@@log_bin AS SIGNED)
            """,
            types: [.string, .string, .string, .string, .int64]
        )
        guard let server = rows.first else {
            throw SourceError(.server, source: source, message: "the server does not say who it is")
        }
        var inspection = SourceInspection(
            version: server[0].text,
            encryption: control.encryption,
            limitations: signals.limitations
        )
        inspection.findings += versionFindings(server[0].text)
        inspection.findings += clockFindings(signals.now - local)
        let zone = server[3].text == "SYSTEM" ? server[2].text : server[3].text
        inspection.findings.append(
            Finding(
                .note,
                "time zone",
                "the server's zone is \(zone); TIMESTAMP is read in UTC, DATETIME as it is stored"
            )
        )
        inspection.findings += try privilegeFindings(control)
        inspection.findings += signals.limitations.map { Finding(.warning, "guarantee", $0) }
        if control.encryption == nil && settings.isRemote {
            inspection.findings.append(
                Finding(
                    .warning,
                    "encryption",
                    "rows and statements travel in the clear; set \"tls\" to \"required\""
                )
            )
        }
        for table in tables {
            inspection.tables[table] = try tableFindings(table, control)
        }
        return inspection
    }

    private func versionFindings(_ version: String) -> [Finding] {
        let numbers = version.split(separator: ".").prefix(2).compactMap { Int($0.prefix { $0.isNumber }) }
        guard version.contains("MariaDB") else {
            return [Finding(.warning, "version", "\(version) is no MariaDB; it is read as one, untested")]
        }
        guard numbers.count == 2, (numbers[0], numbers[1]) < (10, 5) else { return [] }
        return [
            Finding(
                .warning,
                "version",
                "\(version) is older than 10.5, the oldest version that is maintained"
            )
        ]
    }

    /// Names a clock that is `ahead` microseconds before this machine's, or behind it.
    private func clockFindings(_ ahead: Int64) -> [Finding] {
        let tenths = (ahead.magnitude + 50_000) / 100_000
        guard tenths > 10 else { return [] }
        let text = "\(tenths / 10).\(tenths % 10) s \(ahead < 0 ? "behind" : "ahead of")"
        return [
            Finding(
                tenths > 600 ? .warning : .note,
                "clock",
                "the server's clock is \(text) this machine's; marks follow the server's, schedules this one's"
            )
        ]
    }

    /// Names privileges that are missing or of no use; of a grant only the privileges are read, never what follows.
    private func privilegeFindings(_ control: ServerConnection) throws -> [Finding] {
        let grants = try control.values("SHOW GRANTS", types: [.string])
        var held: Set<String> = []
        for grant in grants.map({ $0[0].text }) where grant.hasPrefix("GRANT ") {
            guard let end = grant.firstRange(of: " ON ") else { continue }
            for privilege in grant[..<end.lowerBound].dropFirst("GRANT ".count).split(separator: ",") {
                let name = privilege.split(separator: "(").first ?? privilege
                held.insert(name.trimmed)
            }
        }
        var findings: [Finding] = []
        if !held.contains("PROCESS") && !held.contains("ALL PRIVILEGES") {
            findings.append(
                Finding(
                    .warning,
                    "privileges",
                    "PROCESS is not granted; without it no mark is proven: GRANT PROCESS ON *.*"
                )
            )
        }
        let useful: Set = [
            "USAGE", "SELECT", "PROCESS", "SHOW VIEW", "LOCK TABLES", "RELOAD", "BINLOG MONITOR",
            "SLAVE MONITOR",
        ]
        let others = held.subtracting(useful).sorted()
        if !others.isEmpty {
            findings.append(
                Finding(
                    .note,
                    "privileges",
                    "the account may do more than this program needs: \(others.joined(separator: ", "))"
                )
            )
        }
        return findings
    }

    private func tableFindings(_ table: TableName, _ control: ServerConnection) throws -> [Finding] {
        let name: [Parameter] = [.text(table.database), .text(table.table)]
        var findings: [Finding] = []
        let engines = try control.values(
            """
            SELECT CAST(COALESCE(ENGINE, TABLE_TYPE) AS CHAR) FROM information_schema.TABLES
            WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?
            """,
            name,
            types: [.string]
        )
        if let engine = engines.first?[0].text, engine != "InnoDB" {
            findings.append(
                Finding(
                    .warning,
                    "engine",
                    "\(engine) has no snapshots: rows that change during a read may be seen half; InnoDB has"
                )
            )
        }
        guard engines.first?[0].text == "InnoDB" else { return findings }
        // The views of foreign keys are hidden from an account that may only read; the definition is not.
        let definition = try control.values(
            "SHOW CREATE TABLE \(SelectStatement.quoted(table))",
            types: [.string, .string]
        )
        for line in definition.first?[1].text.split(separator: "\n") ?? [] {
            guard let key = CascadingKey(line) else { continue }
            findings.append(
                Finding(
                    .warning,
                    "cascade",
                    "the foreign key \(key.name) (\(key.rules)) changes rows without their update timestamp; only a "
                        + "comparison of the whole table finds those"
                )
            )
        }
        return findings
    }
}

/// A foreign key whose rules change or remove rows of its own table, as a line of the table's definition.
struct CascadingKey: Hashable {
    let name: String
    /// Such as `on delete cascade`.
    let rules: String

    /// The line ends with the rules, after the last parenthesis; names before it may contain anything.
    init?(_ line: Substring) {
        guard line.trimmed.hasPrefix("CONSTRAINT `"), line.contains("` FOREIGN KEY ("),
            let end = line.lastIndex(of: ")"), let start = line.firstRange(of: "CONSTRAINT `")
        else { return nil }
        let rules = line[line.index(after: end)...].lowercased().filter { $0 != "," }
        guard rules.contains("cascade") || rules.contains("set null") else { return nil }
        let rest = line[start.upperBound...]
        name = String(rest[..<(rest.firstRange(of: "` FOREIGN KEY (")?.lowerBound ?? rest.endIndex)])
        self.rules = Substring(rules).trimmed
    }
}

extension Substring {
    /// The text without spaces at both ends.
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
#endif
