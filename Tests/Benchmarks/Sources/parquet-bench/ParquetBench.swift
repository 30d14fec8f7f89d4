import ArgumentParser

/// Measures reading and writing of Parquet files in CPU seconds; one file for each subcommand.
@main
struct ParquetBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parquet-bench",
        abstract: "Measures reading and writing of Parquet files in CPU seconds.",
        subcommands: [ReadCommand.self, WriteCommand.self, SpliceCommand.self, CopyCommand.self]
    )
}
