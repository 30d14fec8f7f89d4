import ArgumentParser
import Tributary

/// Deletes rows.
struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Deletes the rows for which a predicate is true."
    )

    @Argument(help: "The table's folder.")
    var table: String

    @Option(name: .customLong("where"), help: "Which rows, in SQL: \"region = 'eu' AND id < 5\".")
    var predicate: String

    func run() async throws {
        let table = DeltaTable(store: LocalObjectStore(root: table), path: "")
        let schema = try table.schema(of: try await table.snapshot())
        let (version, count) = try await table.delete(where: try Predicate(sql: predicate, of: schema))
        print("\(count) rows, version \(version)")
    }
}

/// Changes rows.
struct Update: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sets columns of the rows for which a predicate is true."
    )

    @Argument(help: "The table's folder.")
    var table: String

    @Option(name: .customLong("where"), help: "Which rows, in SQL: \"region = 'eu' AND id < 5\".")
    var predicate: String

    @Option(help: "A column and its new value, NAME=VALUE; without a value it has none.")
    var set: [String]

    func run() async throws {
        let table = DeltaTable(store: LocalObjectStore(root: table), path: "")
        let schema = try table.schema(of: try await table.snapshot())
        var values: [String: ColumnValue] = [:]
        for text in set {
            guard let sign = text.firstIndex(of: "=") else {
                throw ValidationError("\(text) is not NAME=VALUE")
            }
            let (name, value) = (String(text[..<sign]), String(text[text.index(after: sign)...]))
            guard let field = schema.field(name) else {
                throw ValidationError("the table has no column \(name)")
            }
            guard let read = PartitionValueText.value(value, type: field.type) else {
                throw ValidationError("\(value) is not a \(field.type)")
            }
            values[name] = read
        }
        let (version, count) = try await table.update(
            where: try Predicate(sql: predicate, of: schema),
            set: values
        )
        print("\(count) rows, version \(version)")
    }
}
