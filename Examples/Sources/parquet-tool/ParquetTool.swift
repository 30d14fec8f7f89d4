import ArgumentParser
import ColumnBatches
import DeltaTables
import Foundation
import ParquetFiles

/// Looks into a Parquet file.
@main
struct ParquetTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parquet-tool",
        abstract: "Looks into a Parquet file on the local disk.",
        subcommands: [Cat.self, Schema.self, Meta.self]
    )
}

/// Which file.
struct FileOptions: ParsableArguments {
    @Argument(help: "The Parquet file.")
    var file: String

    func reader() throws -> ParquetReader { try ParquetReader(blocking: LocalParquetFile(path: file)) }
}

/// Prints a file's rows.
struct Cat: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints the rows as JSON lines in a canonical form, in the order of the file."
    )

    @OptionGroup var options: FileOptions

    @Option(help: "Columns to print, with commas between them; all unless given.")
    var columns: String?

    @Option(help: "How many rows to pass over first.")
    var skip = 0

    @Option(help: "How many rows to print; all unless given.")
    var limit: Int?

    func validate() throws {
        guard skip >= 0, limit ?? 0 >= 0 else { throw ValidationError("rows are counted from zero upwards") }
    }

    func run() throws {
        let names = columns.map { $0.split(separator: ",").map(String.init) }
        let reader = try options.reader()
        let rowCount = reader.footer.rowCount
        let first = min(skip, rowCount)
        let rows = first..<(first + min(limit ?? rowCount, rowCount - first))
        var batches = try reader.blockingBatches(
            columns: names,
            rows: rows == 0..<rowCount ? nil : [rows],
            batchRows: 4096
        )
        while let batch = try batches.next() {
            let canonical = CanonicalRow(batch.schema)
            var lines: [UInt8] = []
            for row in 0..<batch.rowCount {
                lines += Array(canonical.text(batch, row).utf8) + [UInt8(ascii: "\n")]
            }
            FileHandle.standardOutput.write(Data(lines))
        }
    }
}

/// Prints a file's columns.
struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints the columns as a tree.")

    @OptionGroup var options: FileOptions

    func run() throws {
        for field in try options.reader().schema.fields { show(field, indent: "") }
    }

    private func show(_ field: Field, indent: String) {
        let kind =
            switch field.type {
            case .list: "array"
            case .structure: "struct"
            case .map: "map"
            default: "\(field.type)"
            }
        print("\(indent)\(field.name) \(kind)\(field.isNullable ? "" : " not null")")
        switch field.type {
        case .list(let element): show(element, indent: indent + "  ")
        case .structure(let fields): for field in fields { show(field, indent: indent + "  ") }
        case .map(let key, let value):
            show(key, indent: indent + "  ")
            show(value, indent: indent + "  ")
        default: break
        }
    }
}

/// Prints how a file is laid out.
struct Meta: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints row groups, columns, encodings, codecs, sizes and statistics."
    )

    @OptionGroup var options: FileOptions

    func run() throws {
        let reader = try options.reader()
        print("created by  \(reader.metadata.createdBy ?? "?")")
        print("version     \(reader.metadata.version)")
        print("rows        \(reader.footer.rowCount) in \(reader.rowGroups.count) row groups")
        for pair in reader.metadata.keyValues {
            print("key         \(pair.key) = \((pair.value ?? "").prefix(200))")
        }
        for (index, group) in reader.rowGroups.enumerated() {
            print("row group \(index): \(group.rowCount) rows, \(group.byteCount) bytes before compression")
            for sorting in group.sortingColumns {
                let order = sorting.isDescending ? "descending" : "ascending"
                print("  sorted by \(sorting.path.joined(separator: ".")) \(order)")
            }
            for chunk in group.chunks { show(chunk) }
        }
    }

    private func show(_ chunk: ParquetColumnChunk) {
        print(
            "  \(chunk.name) \(chunk.type): \(chunk.valueCount) values, \(chunk.compressedSize) of"
                + " \(chunk.uncompressedSize) bytes, \(chunk.codec), \(chunk.encodings.joined(separator: " "))"
                + (chunk.hasPageIndex ? ", page index" : "") + (chunk.hasBloomFilter ? ", bloom filter" : "")
        )
        let statistics = chunk.statistics
        var parts: [String] = []
        if let min = statistics.min { parts.append("min \(text(min, chunk.type))") }
        if let max = statistics.max { parts.append("max \(text(max, chunk.type))") }
        if let count = statistics.nullCount { parts.append("\(count) missing") }
        if let count = statistics.distinctCount { parts.append("\(count) distinct") }
        if !parts.isEmpty { print("    \(parts.joined(separator: ", "))") }
    }

    private func text(_ value: ColumnValue, _ type: ColumnType) -> String {
        let column = Column.repeating(value, type: type, count: 1)
        let batch = ColumnBatch(schema: BatchSchema([Field("v", type)]), columns: [column])
        return String(CanonicalRow(batch.schema).text(batch, 0).dropFirst(5).dropLast())
    }
}
