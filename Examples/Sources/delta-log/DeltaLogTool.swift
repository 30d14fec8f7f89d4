import ArgumentParser
import Foundation
import Tributary

/// Looks into a Delta table.
@main
struct DeltaLogTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delta-log",
        abstract: "Looks into a Delta table on the local disk, and looks after it.",
        subcommands: [
            Show.self, History.self, Files.self, Cat.self, Changes.self, Restore.self, Optimise.self,
            Vacuum.self, Checkpoint.self, Checksum.self, Alter.self, Fsck.self, Doctor.self,
        ]
    )
}

/// Which table, and which version of it.
struct TableOptions: ParsableArguments {
    @Argument(help: "The table's folder.")
    var table: String

    @Option(help: "A version; the newest one unless given.")
    var version: Int64?

    var deltaTable: DeltaTable { DeltaTable(store: LocalObjectStore(root: table), path: "") }

    func snapshot() async throws -> Snapshot {
        try await deltaTable.snapshot(at: version.map { TableVersion($0) })
    }
}

/// Prints what a table is.
struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints version, protocol, schema and transactions."
    )

    @OptionGroup var options: TableOptions

    func run() async throws {
        let snapshot = try await options.snapshot()
        print("version      \(snapshot.version)")
        print("id           \(snapshot.metadata.id)")
        print(
            "protocol     reader \(snapshot.protocol.minReaderVersion), writer \(snapshot.protocol.minWriterVersion)"
        )
        let features = Set(
            (snapshot.protocol.readerFeatures ?? []) + (snapshot.protocol.writerFeatures ?? [])
        )
        if !features.isEmpty { print("features     \(features.sorted().joined(separator: ", "))") }
        print("files        \(snapshot.fileCount), \(snapshot.files.reduce(0) { $0 + $1.size }) bytes")
        print("partitions   \(snapshot.metadata.partitionColumns.joined(separator: ", "))")
        print("columns")
        for field in try TableSchema(snapshot, table: options.table).fields {
            print("  \(field.name) \(field.type)\(field.isNullable ? "" : " not null")")
        }
        if !snapshot.transactions.isEmpty { print("transactions") }
        for (id, transaction) in snapshot.transactions.sorted(by: { $0.key < $1.key }) {
            print("  \(id) \(transaction.version)")
        }
    }
}

/// Prints a table's versions.
struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints the versions, the newest first.")

    @OptionGroup var options: TableOptions

    func run() async throws {
        for commit in try await options.deltaTable.log.history() {
            var added = 0
            var removed = 0
            for action in commit.actions {
                if case .add = action { added += 1 }
                if case .remove = action { removed += 1 }
            }
            let time = commit.info?.timestamp.map { CalendarText.instant($0 * 1000, digits: 3) + "Z" } ?? "?"
            print("\(commit.version)  \(time)  \(commit.info?.operation ?? "?")  +\(added) -\(removed) files")
        }
    }
}

/// Prints the paths of a table's files.
struct Files: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints the active files, a path a line.")

    @OptionGroup var options: TableOptions

    func run() async throws {
        for file in try await options.snapshot().files { print(file.decodedPath) }
    }
}

/// Prints a table's rows.
struct Cat: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints the rows as JSON lines in a canonical form, sorted by their bytes."
    )

    @OptionGroup var options: TableOptions

    func run() async throws {
        let table = options.deltaTable
        var lines: [[UInt8]] = []
        let snapshot = try await options.snapshot()
        let canonical = CanonicalRow(try table.schema(of: snapshot))
        for try await batch in try table.rows(of: snapshot) {
            for row in 0..<batch.rowCount { lines.append(Array(canonical.text(batch, row).utf8)) }
        }
        lines.sort { $0.lexicographicallyPrecedes($1) }
        for line in lines { FileHandle.standardOutput.write(Data(line + [UInt8(ascii: "\n")])) }
    }
}
