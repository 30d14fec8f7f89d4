import ColumnBatches
import ParquetFiles

/// Profiles a Parquet file of any writer: of each column the type, missing values, different ones, least and greatest.
///
/// The program links `ParquetFiles` and `ColumnBatches`, and nothing of Delta or of databases. It holds one batch, and up to
/// a thousand different values of each column.
///
///     swift run parquet-profile orders.parquet
@main
struct ParquetProfile {
    static func main() throws {
        guard let path = CommandLine.arguments.dropFirst().first else {
            print("usage: parquet-profile FILE")
            return
        }
        for line in try lines(path) { print(line) }
    }

    /// A line for the file, and one for each column.
    static func lines(_ path: String) throws -> [String] {
        let reader = try ParquetReader(blocking: LocalParquetFile(path: path))
        var profiles = reader.schema.fields.map { ColumnProfile(field: $0) }
        var batches = try reader.blockingBatches(columns: nil, rows: nil, batchRows: 4096)
        while let batch = try batches.next() {
            for index in profiles.indices { profiles[index].add(batch.columns[index]) }
        }
        return ["\(reader.footer.rowCount) rows in \(reader.rowGroups.count) row groups"]
            + profiles.map(\.line)
    }
}

/// What is known of a column so far.
struct ColumnProfile {
    static let limit = 1_000

    let field: Field
    private var missing = 0
    private var values: Set<ColumnValue> = []
    private var numbers: ClosedRange<Int64>?

    init(field: Field) { self.field = field }

    mutating func add(_ column: Column) {
        missing += column.nullCount
        for row in 0..<column.count where !column.isNull(row) {
            let value = column[row]
            if values.count <= Self.limit { values.insert(value) }
            if case .integer(let number) = value {
                numbers =
                    min(numbers?.lowerBound ?? number, number)...max(numbers?.upperBound ?? number, number)
            }
        }
    }

    var line: String {
        let different = values.count > Self.limit ? "more than \(Self.limit)" : "\(values.count)"
        let range = numbers.map { ", \($0.lowerBound) to \($0.upperBound)" } ?? ""
        return "\(field.name) \(field.type): \(missing) missing, \(different) different\(range)"
    }
}
