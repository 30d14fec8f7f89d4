import ArgumentParser
import ColumnBatches
import ParquetFiles

/// Reads a file into columns, again and again.
struct ReadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "Reads a file into columns and prints CPU seconds for each time, and the peak of memory."
    )

    @Argument(help: "The Parquet file.")
    var file: String

    @Option(help: "Columns to read, with commas between them; all unless given.")
    var columns: String?

    @Option(name: .customLong("repeat"), help: "How often to read the file.")
    var repetitions = 3

    @Option(help: "The most rows of a batch.")
    var batchRows = 65_536

    @Flag(help: "Keep all batches until the file is read, as a table in memory would.")
    var keep = false

    func run() throws {
        let names = columns.map { $0.split(separator: ",").map(String.init) }
        for _ in 0..<repetitions {
            let begun = ProcessUsage.now
            let reader = try ParquetReader(blocking: LocalParquetFile(path: file))
            var batches = try reader.blockingBatches(columns: names, batchRows: batchRows)
            var rows = 0
            var bytes = 0
            var kept: [ColumnBatch] = []
            while let batch = try batches.next() {
                rows += batch.rowCount
                bytes += batch.byteCount
                if keep { kept.append(batch) }
            }
            let ended = ProcessUsage.now
            print(
                "rows=\(rows) bytes=\(bytes) cpu=\(ended.cpuSeconds - begun.cpuSeconds)"
                    + " peak_mb=\(ended.peakMegabytes) batches=\(kept.count)"
            )
        }
    }
}
