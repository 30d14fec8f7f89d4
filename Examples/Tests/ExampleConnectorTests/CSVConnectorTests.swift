import CSVConnector
import ColumnBatches
import ConnectorTestKit
import Foundation
import SourceConnectors
import Synchronization
import Testing

@Suite("CSVConnector") struct CSVConnectorTests {
    static let conformance = ConnectorConformance(CSVTestBed(), effort: .ofExamples)

    @Test("conforms", arguments: conformance.properties)
    func conforms(_ property: ConnectorProperty<CSVTestBed>) async throws {
        try await Self.conformance.check(property)
    }
}

/// Makes folders of CSV files, and changes files by replacing them.
struct CSVTestBed: ConnectorTestBed {
    let name = "CSV files"

    var capabilities: ConnectorCapabilities {
        var capabilities = ConnectorCapabilities()
        capabilities.mutation = .rows
        capabilities.ordersRows = false
        capabilities.takesOddNames = false
        capabilities.hasVirtualClock = true
        return capabilities
    }

    func withFixture<Result: Sendable>(
        _ table: TestTable,
        _ body: (CSVFixture) async throws -> Result
    ) async throws -> Result {
        let folder = NSTemporaryDirectory() + "csv-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let fixture = CSVFixture(folder: folder, table: table)
        try fixture.write()
        return try await body(fixture)
    }

    func brokenConnectors() -> [BrokenConnector<CSVConnector>] {
        [
            BrokenConnector(
                "no such folder",
                connector: CSVConnector(folders: ["files": "/nowhere"]),
                source: Source(region: "eu", client: "1", connection: "files"),
                code: .unreachable
            )
        ]
    }
}

final class CSVFixture: SourceFixture {
    private struct State {
        var now: Int64 = 1_700_000_000_123_457
        var rows: [RowKey: StoredRow] = [:]
    }

    private let folder: String
    private let table: TestTable
    private let state = Mutex(State())

    init(folder: String, table: TestTable) {
        self.folder = folder
        self.table = table
    }

    var source: Source { Source(region: "eu", client: "1", connection: "files") }

    var connector: CSVConnector {
        CSVConnector(folders: ["files": folder], clock: { [self] in state.withLock { $0.now } })
    }

    func perform(_ step: SourceStep) async throws {
        try state.withLock { state in
            switch step {
            case .put(nil, let rows):
                for row in rows {
                    state.rows[row.key] = StoredRow(
                        key: row.key,
                        label: row.label,
                        amount: row.amount,
                        cursor: row.hasCursor ? state.now : nil
                    )
                }
            case .remove(nil, let keys): for key in keys { state.rows[key] = nil }
            case .rename(nil, let old, let new):
                guard var row = state.rows.removeValue(forKey: old) else { throw StepRefused() }
                row.key = new
                row.cursor = state.now
                state.rows[new] = row
            case .pass(let time), .stepClock(let time): state.now += time
            default: throw StepRefused()
            }
        }
        try write()
    }

    func contents() async throws -> [StoredRow] { state.withLock { Array($0.rows.values) } }

    /// Writes a new file beside the old one, and renames it over that.
    func write() throws {
        let types = ["string key", "long key", "string", "long", "timestamp cursor"]
        var text = zip(table.fields, types).map { "\($0.name) \($1)" }.joined(separator: ",") + "\n"
        for row in state.withLock({ $0.rows.values.sorted { $0.key < $1.key } }) {
            text +=
                [
                    quoted(row.key.section), "\(row.key.number)", row.label.map(quoted) ?? "",
                    row.amount.map(String.init) ?? "", row.cursor.map(String.init) ?? "",
                ].joined(separator: ",") + "\n"
        }
        let path = "\(folder)/\(table.name.table).csv"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    private func quoted(_ text: String) -> String { "\"\(text.replacing("\"", with: "\"\""))\"" }
}
