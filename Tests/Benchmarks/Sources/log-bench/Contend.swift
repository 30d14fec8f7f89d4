import ArgumentParser
import ColumnBatches
import DeltaLog
import DeltaTables
import Foundation
import ObjectStores

/// Makes a table that writers of many partitions add to.
struct Make: AsyncParsableCommand {
    @Argument var folder: String

    func run() async throws {
        let schema = TableSchema(
            fields: [Field("client", .string), Field("id", .int64), Field("note", .string)],
            partitionColumns: ["client"]
        )
        _ = try await LogBench.table(folder).create(schema: schema)
    }
}

/// Adds a row to a partition again and again, from several tasks at once; each row is a commit of its own.
struct Contend: AsyncParsableCommand {
    @Argument var folder: String
    @Option(help: "The number of tasks, each with a partition of its own.") var writers = 8
    @Option(help: "The commits of each task.") var commits = 200
    @Option(help: "The number of the first partition.") var first = 0
    @Flag(help: "Commit what is ready together as one version.") var queue = false

    func run() async throws {
        var table = LogBench.table(folder)
        if queue { table.queue = CommitQueue(log: table.log) }
        let base = try await table.snapshot()
        let before = LogBench.processorSeconds()
        let seconds = try await LogBench.seconds {
            try await withThrowingTaskGroup(of: Void.self) { [table] group in
                for number in first..<(first + writers) {
                    group.addTask { try await write(to: table, base, client: "client_\(number)") }
                }
                try await group.waitForAll()
            }
        }
        let count = writers * commits
        print(
            "commits \(count) seconds \(seconds) rate \(Double(count) / seconds) "
                + "cpu \(LogBench.processorSeconds() - before) version \(try await table.log.update(base).version)"
        )
        LogBench.report()
    }

    /// One task: what it commits was made from the newest state of its partition.
    private func write(to table: DeltaTable, _ base: Snapshot, client: String) async throws {
        var snapshot = base
        let schema = try table.schema(of: snapshot)
        let partition: [String: String?] = ["client": client]
        for number in 0..<commits {
            var ids = ColumnBuilder(.int64)
            var notes = ColumnBuilder(.string)
            ids.append(.integer(Int64(number)))
            notes.append(.string("note \(number)"))
            let batch = ColumnBatch(
                schema: BatchSchema(schema.dataFields),
                columns: [ids.finish(), notes.finish()],
                rowCount: 1
            )
            snapshot = try await table.refresh(snapshot)
            let writer = table.makeWriter(schema: schema, partition: partition)
            try await writer.append(batch)
            let edit = TableEdit(
                operation: "MERGE",
                added: try await writer.finish(),
                readSet: ReadSet(partitions: .only([partition]))
            )
            _ = try await table.apply(edit, to: snapshot)
        }
    }
}
