import ArgumentParser
import Foundation
import Tributary

/// Prints the rows that changed between versions.
struct Changes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints the changed rows as JSON lines in a canonical form, sorted by their bytes."
    )

    @Argument(help: "The table's folder.")
    var table: String

    @Option(help: "The first version.")
    var from: Int64

    @Option(help: "The last version; the newest one unless given.")
    var to: Int64?

    func run() async throws {
        let table = DeltaTable(store: LocalObjectStore(root: table), path: "")
        let feed = try await table.changes(from: TableVersion(from), to: to.map { TableVersion($0) })
        let canonical = CanonicalRow(
            try table.schema(of: try await table.snapshot(at: to.map { TableVersion($0) }))
        )
        var lines: [[UInt8]] = []
        for try await batch in feed {
            // The instant of a commit depends on the machine that made it.
            let shown = batch.selecting(batch.schema.names.filter { $0 != "_commit_timestamp" })
            for row in 0..<shown.rowCount { lines.append(Array(canonical.text(shown, row).utf8)) }
        }
        lines.sort { $0.lexicographicallyPrecedes($1) }
        for line in lines { FileHandle.standardOutput.write(Data(line + [UInt8(ascii: "\n")])) }
    }
}
