import ArgumentParser
import ColumnBatches
import Foundation
import ParquetFiles

/// Replaces one of ten row groups of a file, by reading and writing all and by copying nine.
struct SpliceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "splice",
        abstract:
            "Replaces one of ten row groups and prints the CPU seconds of copying the others and of rewriting."
    )

    @Argument(help: "The folder with the buffers, as parquet_write.py leaves them.")
    var folder: String

    @Argument(help: "The Parquet file to write.")
    var output: String

    @Option(name: .customLong("repeat"), help: "How often to do both.")
    var repetitions = 3

    func run() throws {
        let batch = try ColumnDump(folder: folder).batch
        let size = (batch.rowCount + 9) / 10
        let groups = stride(from: 0, to: batch.rowCount, by: size).map { start in
            let rows = start..<min(start + size, batch.rowCount)
            return ColumnBatch(schema: batch.schema, columns: batch.columns.map { $0.slice(rows) })
        }
        var options = ParquetWriterOptions()
        options.rowGroupRows = size
        let old = output + ".old"
        var writer = try ParquetFileWriter(path: old, schema: batch.schema, options: options)
        for group in groups { try writer.append(group) }
        _ = try writer.finish()
        for _ in 0..<repetitions {
            // Emptying the file of the time before is no part of either.
            try? FileManager.default.removeItem(atPath: output)
            let begun = ProcessUsage.now.cpuSeconds
            var batches = try ParquetReader(blocking: LocalParquetFile(path: old)).blockingBatches(
                columns: nil,
                batchRows: size
            )
            writer = try ParquetFileWriter(path: output, schema: batch.schema, options: options)
            var index = 0
            while let group = try batches.next() {
                try writer.append(index == 4 ? groups[index] : group)
                index += 1
            }
            _ = try writer.finish()
            let rewritten = ProcessUsage.now.cpuSeconds
            try? FileManager.default.removeItem(atPath: output)
            let removed = ProcessUsage.now.cpuSeconds
            let reader = try ParquetReader(blocking: LocalParquetFile(path: old))
            writer = try ParquetFileWriter(path: output, schema: batch.schema, options: options)
            for index in groups.indices {
                if index == 4 {
                    try writer.append(groups[index])
                } else {
                    try writer.appendRowGroup(copyingNow: index, from: reader)
                }
            }
            let summary = try writer.finish()
            let spliced = ProcessUsage.now.cpuSeconds
            print(
                "cpu=\(spliced - removed) rewrite=\(rewritten - begun) size=\(summary.byteCount)"
            )
        }
    }
}
