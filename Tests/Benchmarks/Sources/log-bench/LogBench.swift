import ArgumentParser
import ColumnBatches
import DeltaLog
import DeltaTables
import Foundation
import ObjectStores

/// Measures how a table with a long log opens, refreshes and takes commits.
@main
struct LogBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log-bench",
        abstract: "Times opening, refreshing and appending to a table on the local disk.",
        subcommands: [Open.self, Append.self, Checkpoint.self, Make.self, Contend.self]
    )

    static func table(_ folder: String) -> DeltaTable {
        var store = LocalObjectStore(root: folder)
        store.synchronizes = false
        return DeltaTable(store: store, path: "")
    }

    static func seconds(_ body: () async throws -> Void) async rethrows -> Double {
        let clock = ContinuousClock()
        let duration = try await clock.measure { try await body() }
        return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    /// The seconds of processor time that the process has used.
    static func processorSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }

    static func report() {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        print("peak_mb \(usage.ru_maxrss >> 10)")
    }
}

/// Opens a table.
struct Open: AsyncParsableCommand {
    @Argument var folder: String
    @Flag(help: "List the files, with their statistics.") var files = false

    func run() async throws {
        let table = LogBench.table(folder)
        var snapshot: Snapshot?
        let open = try await LogBench.seconds { snapshot = try await table.snapshot() }
        print("open \(open)")
        guard let snapshot else { return }
        print("version \(snapshot.version) files \(snapshot.fileCount)")
        LogBench.report()
        if files {
            var count = 0
            let list = await LogBench.seconds { count = snapshot.files.count }
            print("list \(list) \(count)")
        }
        let before = LogBench.processorSeconds()
        let rounds = 100
        let refresh = try await LogBench.seconds {
            for _ in 0..<rounds { _ = try await table.log.update(snapshot) }
        }
        print(
            "refresh_idle \(refresh / Double(rounds)) cpu \((LogBench.processorSeconds() - before) / Double(rounds))"
        )
        LogBench.report()
    }
}

/// Appends to a table that is open.
struct Append: AsyncParsableCommand {
    @Argument var folder: String

    func run() async throws {
        let table = LogBench.table(folder)
        var snapshot = try await table.snapshot()
        let schema = try table.schema(of: snapshot)
        let fields = schema.dataFields
        let columns = fields.map { Column.nulls($0.type, count: 1) }
        let batch = ColumnBatch(schema: BatchSchema(fields), columns: columns, rowCount: 1)
        let partition: [String: String?] = ["region": "r9", "client": "client_new"]
        for _ in 0..<5 {
            let seconds = try await LogBench.seconds {
                let writer = table.makeWriter(schema: schema, partition: partition)
                try await writer.append(batch)
                let edit = TableEdit(
                    operation: "WRITE",
                    added: try await writer.finish(),
                    readSet: ReadSet(partitions: .nothing)
                )
                _ = try await table.apply(edit, to: snapshot)
            }
            print("append_open \(seconds)")
            let before = LogBench.processorSeconds()
            let refresh = try await LogBench.seconds { snapshot = try await table.log.update(snapshot) }
            print("refresh_one \(refresh) cpu \(LogBench.processorSeconds() - before)")
        }
        LogBench.report()
    }
}

/// Writes a checkpoint.
struct Checkpoint: AsyncParsableCommand {
    @Argument var folder: String

    func run() async throws {
        let table = LogBench.table(folder)
        let snapshot = try await table.snapshot()
        print("version \(snapshot.version)")
        LogBench.report()
    }
}
