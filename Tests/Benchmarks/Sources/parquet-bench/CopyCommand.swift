import ArgumentParser
import Foundation
import ParquetFiles

/// Reads a file and writes its rows with the project's writer.
struct CopyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Writes the rows of a file again, so that reading files of this writer can be measured."
    )

    @Argument(help: "The Parquet file to read.")
    var input: String

    @Argument(help: "The Parquet file to write.")
    var output: String

    @Flag(help: "Leave the pages uncompressed; otherwise zstd 1.")
    var uncompressed = false

    func run() throws {
        var batches = try ParquetReader(blocking: LocalParquetFile(path: input)).blockingBatches()
        var options = ParquetWriterOptions()
        options.compression = uncompressed ? .uncompressed : .zstd(level: 1)
        var writer = try ParquetWriter(schema: batches.schema, options: options)
        FileManager.default.createFile(atPath: output, contents: nil)
        guard let file = FileHandle(forWritingAtPath: output) else {
            throw ValidationError("\(output) cannot be written")
        }
        while let batch = try batches.next() {
            try writer.append(batch)
            try file.write(contentsOf: Data(writer.takeOutput()))
        }
        _ = try writer.finish()
        try file.write(contentsOf: Data(writer.takeOutput()))
        try file.close()
    }
}
