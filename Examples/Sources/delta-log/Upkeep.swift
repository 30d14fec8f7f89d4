import ArgumentParser
import Foundation
import Tributary

/// Makes a table what it was.
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes the table what it was at a version, in a new version."
    )

    @Argument(help: "The table's folder.")
    var table: String

    @Option(help: "The version that comes back.")
    var version: Int64

    func run() async throws {
        let table = DeltaTable(store: LocalObjectStore(root: table), path: "")
        print("version \(try await table.restore(to: TableVersion(version)))")
    }
}

/// Packs small files.
struct Optimise: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Packs small files into larger ones.")

    @Argument(help: "The table's folder.")
    var table: String

    @Option(help: "About how large the new files are, in mebibytes.")
    var target = 128

    @Option(help: "Columns by which rows are sorted, separated by commas.")
    var sort = ""

    @Option(
        name: .customLong("z-order"),
        help: "Columns along whose Z-order curve rows are arranged, separated by commas."
    )
    var zOrder = ""

    func run() async throws {
        var options = OptimiseOptions()
        options.targetFileBytes = target << 20
        if !sort.isEmpty { options.order = .sorted(sort.split(separator: ",").map(String.init)) }
        if !zOrder.isEmpty { options.order = .zOrder(zOrder.split(separator: ",").map(String.init)) }
        let report = try await DeltaTable(store: LocalObjectStore(root: table), path: "").optimise(options)
        print("\(report.removedFiles) files became \(report.addedFiles), in \(report.commits) commits")
    }
}

/// Deletes files that no version needs.
struct Vacuum: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows the files that nothing needs any more, and deletes them when told to."
    )

    @Argument(help: "The table's folder.")
    var table: String

    @Flag(help: "Delete the files; without it they are only shown.")
    var delete = false

    @Option(help: "How many hours files are kept after they left the table.")
    var retain: Int64?

    @Flag(help: "Allow a retention below what the table asks for.")
    var force = false

    @Flag(help: "Also delete what is expired of the log.")
    var log = false

    func run() async throws {
        let table = DeltaTable(store: LocalObjectStore(root: table), path: "")
        let plan = try await table.planVacuum(
            retention: retain.map { $0 * 3_600_000 },
            allowsShortRetention: force
        )
        for file in plan.files { print(file.path) }
        var cleanup = LogCleanup()
        if log {
            cleanup = try await table.log.planCleanup(
                try await table.snapshot(),
                now: Int64(Date().timeIntervalSince1970 * 1000)
            )
            for path in cleanup.paths { print(path) }
        }
        if delete {
            try await table.perform(plan)
            try await table.log.perform(cleanup)
        }
        print(
            "\(plan.files.count) files, \(plan.byteCount) bytes"
                + (delete ? " deleted" : " would go; --delete deletes")
        )
    }
}

/// Writes a checkpoint.
struct Checkpoint: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Writes a checkpoint of the newest version.")

    @Argument(help: "The table's folder.")
    var table: String

    func run() async throws {
        let table = DeltaTable(store: LocalObjectStore(root: table), path: "")
        let snapshot = try await table.snapshot()
        try await table.log.writeCheckpoint(snapshot)
        print("version \(snapshot.version)")
    }
}
