import ArgumentParser
import ColumnBatches
import Foundation
import ParquetFiles

/// Writes a table to a file, again and again.
struct WriteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "write",
        abstract:
            "Writes a table of raw column buffers and prints CPU and wall seconds, size and peak of memory."
    )

    @Argument(help: "The folder with the buffers, as parquet_write.py leaves them.")
    var folder: String

    @Argument(help: "The Parquet file to write.")
    var output: String

    @Option(help: "none, zstd:LEVEL, snappy, gzip:LEVEL or lz4.")
    var codec = "zstd:1"

    @Option(help: "How many threads encode.")
    var threads = 1

    @Option(help: "The most rows of a row group; the writer's own default unless given.")
    var rowGroupRows: Int?

    @Option(help: "The most rows of a page; the writer's own default unless given.")
    var pageRows: Int?

    @Option(help: "The rows of a batch; all at once unless given.")
    var batchRows: Int?

    @Option(help: "Only this column.")
    var column: String?

    @Option(help: "How all columns are laid out.")
    var encoding: String?

    @Flag(help: "Only encodings that every reader knows.")
    var compatible = false

    @Option(name: .customLong("repeat"), help: "How often to write the file.")
    var repetitions = 3

    func run() throws {
        var batch = try ColumnDump(folder: folder).batch
        if let column { batch = batch.selecting([column]) }
        let options = try options(batch.schema)
        var batches = [batch]
        if let batchRows {
            batches = stride(from: 0, to: batch.rowCount, by: batchRows).map { start in
                let rows = start..<min(start + batchRows, batch.rowCount)
                return ColumnBatch(schema: batch.schema, columns: batch.columns.map { $0.slice(rows) })
            }
        }
        for _ in 0..<repetitions {
            let before = ProcessMemory.resident
            ProcessMemory.resetPeak()
            let begun = ProcessUsage.now
            let clock = ContinuousClock.now
            var writer = try ParquetFileWriter(path: output, schema: batch.schema, options: options)
            for batch in batches { try writer.append(batch) }
            let summary = try writer.finish()
            let wall = ContinuousClock.now - clock
            let ended = ProcessUsage.now
            print(
                "cpu=\(ended.cpuSeconds - begun.cpuSeconds) wall=\(wall / .seconds(1)) size=\(summary.byteCount)"
                    + " peak_mb=\(ProcessMemory.peak - before)"
            )
        }
    }

    private func options(_ schema: BatchSchema) throws -> ParquetWriterOptions {
        var options = ParquetWriterOptions()
        let parts = codec.split(separator: ":").map(String.init)
        let level = parts.count > 1 ? Int(parts[1]) : nil
        switch parts[0] {
        case "none": options.compression = .uncompressed
        case "zstd": options.compression = .zstd(level: level ?? 1)
        case "snappy": options.compression = .snappy
        case "gzip": options.compression = .gzip(level: level ?? 6)
        case "lz4": options.compression = .lz4Raw
        default: throw ValidationError("an unknown codec: \(codec)")
        }
        options.threads = threads
        options.maximumCompatibility = compatible
        if let rowGroupRows { options.rowGroupRows = rowGroupRows }
        if let pageRows { options.pageRows = pageRows }
        if let encoding {
            guard let encoding = ParquetEncoding.allCases.first(where: { "\($0)" == encoding }) else {
                throw ValidationError("an unknown encoding: \(encoding)")
            }
            for name in schema.names { options[column: name].encoding = encoding }
        }
        return options
    }
}

/// What is resident, in megabytes, where the system tells.
enum ProcessMemory {
    static var resident: Double { status("VmRSS") }
    static var peak: Double { status("VmHWM") }

    /// Lets the peak begin anew.
    static func resetPeak() {
        try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
    }

    private static func status(_ key: String) -> Double {
        guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return 0 }
        for line in text.split(separator: "\n") where line.hasPrefix(key + ":") {
            let words = line.split { $0 == " " || $0 == "\t" }
            return (Double(words[1]) ?? 0) / 1024
        }
        return 0
    }
}
