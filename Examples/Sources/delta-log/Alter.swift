import ArgumentParser
import Tributary

/// Changes what a table is.
struct Alter: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Changes columns and properties, all in one version.",
        discussion: """
            Columns within others are named with points: address.zip, tags.element.name. Properties are set first, so that one
            call can switch column mapping on and rename a column.
            """
    )

    @Argument(help: "The table's folder.")
    var table: String

    @Option(help: "A property, NAME=VALUE.")
    var set: [String] = []

    @Option(help: "A property that goes.")
    var unset: [String] = []

    @Option(help: "A column and its new name, OLD=NEW.")
    var rename: [String] = []

    @Option(help: "A column that goes.")
    var drop: [String] = []

    @Option(help: "A new column and its type, NAME=TYPE, as the log writes types: long, decimal(10,2).")
    var add: [String] = []

    @Option(help: "A column and its wider type, NAME=TYPE.")
    var widen: [String] = []

    @Option(help: "A rule that each row must keep, NAME=SQL.")
    var constraint: [String] = []

    func run() async throws {
        var changes: [TableChange] = try set.map { .set(try Self.pair($0).0, try Self.pair($0).1) }
        changes += unset.map { .unset($0) }
        for text in rename {
            let (old, new) = try Self.pair(text)
            changes.append(.renameColumn(Self.path(old), to: new))
        }
        changes += drop.map { .dropColumn(Self.path($0)) }
        for text in add {
            let (name, type) = try Self.pair(text)
            let path = Self.path(name)
            let field = StructField(name: path.last ?? "", type: try Self.type(type), isNullable: true)
            changes.append(.addColumn(field, to: path.dropLast()))
        }
        for text in widen {
            let (name, type) = try Self.pair(text)
            changes.append(.widenColumn(Self.path(name), to: try Self.type(type)))
        }
        for text in constraint {
            let (name, rule) = try Self.pair(text)
            changes.append(.addConstraint(name, rule))
        }
        guard !changes.isEmpty else { throw ValidationError("say what to change") }
        print(
            "version \(try await DeltaTable(store: LocalObjectStore(root: table), path: "").alter(changes))"
        )
    }

    private static func pair(_ text: String) throws -> (String, String) {
        guard let sign = text.firstIndex(of: "=") else { throw ValidationError("\(text) is not NAME=VALUE") }
        return (String(text[..<sign]), String(text[text.index(after: sign)...]))
    }

    private static func path(_ name: String) -> [String] {
        name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    private static func type(_ name: String) throws -> DataType {
        let schema =
            #"{"type":"struct","fields":[{"name":"c","type":"\#(name)","nullable":true,"metadata":{}}]}"#
        return try StructType(json: schema).fields[0].type
    }
}

/// Writes the checksum of a version.
struct Checksum: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes the checksum of the newest version; every later commit then gets one too."
    )

    @Argument(help: "The table's folder.")
    var table: String

    func run() async throws {
        let table = DeltaTable(store: LocalObjectStore(root: table), path: "")
        let snapshot = try await table.snapshot()
        try await table.log.writeChecksum(snapshot)
        print("version \(snapshot.version)")
    }
}
