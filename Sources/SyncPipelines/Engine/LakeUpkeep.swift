import DeltaLog
import DeltaTables
import FoundationEssentials
import Logging
import ObjectStores
import SyncLedgers

/// What a run does at its end so that a thousand runs leave the lake small: small files of the partitions that it wrote to
/// are packed, marks of deletion vectors made good, and logs cleaned of what their retention no longer asks for.
///
/// Nothing of it is needed for the rows to be right: a failure is logged, and the next run goes on.
struct LakeUpkeep: Sendable {
    /// The most bytes of files that are written anew; zero leaves everything as it is.
    let byteLimit: Int
    let logger: Logger

    /// A log is looked through once in so many versions.
    private static let versionsBetweenCleanings: Int64 = 100
    /// The most versions that a run is taken to write to a table of the product's own; one that writes more may leave a
    /// cleaning to a later run.
    private static let ownVersions: Int64 = 25

    /// Looks after the partitions of a table.
    ///
    /// - Parameters:
    ///   - lake: The table.
    ///   - partitions: The partitions that the run wrote to.
    ///   - first: The first version that the run wrote.
    func tend(_ lake: LakeTable, _ partitions: [[String: String?]], since first: TableVersion) async {
        do {
            let snapshot = try await lake.snapshot()
            try await tend(lake.table, snapshot, partitions, since: first)
        } catch {
            tell(lake.table, error)
        }
    }

    /// Looks after a table of the product's own.
    ///
    /// - Parameters:
    ///   - table: The table.
    ///   - partitions: The partitions that the run wrote to; of a table without partitions, the one that has no values.
    func tend(_ table: DeltaTable, _ partitions: [[String: String?]] = [[:]]) async {
        do {
            guard try await table.exists() else { return }
            let snapshot = try await table.snapshot()
            let first = TableVersion(max(snapshot.version.number - Self.ownVersions, 0))
            try await tend(table, snapshot, partitions, since: first)
        } catch {
            tell(table, error)
        }
    }

    private func tend(
        _ table: DeltaTable,
        _ snapshot: Snapshot,
        _ partitions: [[String: String?]],
        since first: TableVersion
    ) async throws {
        guard byteLimit > 0 else { return }
        var options = TidyOptions()
        options.byteLimit = byteLimit
        let report = try await table.tidy(partitions, of: snapshot, options: options)
        if report.commits > 0 {
            logger.debug(
                "files were packed",
                metadata: [
                    "table": "\(table.path)", "files.removed": "\(report.removedFiles)",
                    "files.added": "\(report.addedFiles)",
                ]
            )
        }
        let newest = report.commits > 0 ? try await table.log.update(snapshot) : snapshot
        let interval = Self.versionsBetweenCleanings
        guard newest.version.number / interval > max(first.number - 1, 0) / interval else { return }
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        try await table.log.perform(try await table.log.planCleanup(newest, now: now))
    }

    private func tell(_ table: DeltaTable, _ error: any Error) {
        logger.warning(
            "a table could not be looked after; the next run tries again",
            metadata: ["table": "\(table.path)", "error": "\(error)"]
        )
    }
}
