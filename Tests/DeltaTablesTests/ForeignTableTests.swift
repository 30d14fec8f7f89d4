import ColumnBatches
import DeltaLog
import DeltaTables
import Foundation
import ObjectStores
import Testing

/// Other engines read tables with each feature that is written, row for row, and write to those whose features they have;
/// needs their Python and is skipped where it is missing.
@Suite("Delta tables and other engines", .serialized) struct ForeignTableTests {
    static let python = ProcessInfo.processInfo.environment["TRIBUTARY_JUDGE_PYTHON"].flatMap {
        $0.isEmpty ? nil : $0
    }

    /// TRIBUTARY_DELTA_TABLES keeps the tables in a folder, for further engines to be asked by hand.
    static let keptFolder = ProcessInfo.processInfo.environment["TRIBUTARY_DELTA_TABLES"]

    /// A table that other engines are to read.
    struct Case: Sendable {
        var name: String
        var spec: String
        var build: @Sendable (DeltaTable) async throws -> Void
        /// What this package does after the others have written.
        var goOn: (@Sendable (DeltaTable) async throws -> Void)?

        init(
            _ name: String,
            _ spec: String = "{}",
            build: @escaping @Sendable (DeltaTable) async throws -> Void,
            goOn: (@Sendable (DeltaTable) async throws -> Void)? = nil
        ) {
            self.name = name
            self.spec = spec
            self.build = build
            self.goOn = goOn
        }
    }

    @Test(
        "delta-rs and DuckDB read every feature that is written, and this package goes on after them",
        .enabled(if: python != nil, "TRIBUTARY_JUDGE_PYTHON names no Python with the other engines")
    )
    func everyFeature() async throws {
        let folder =
            Self.keptFolder.map { URL(fileURLWithPath: $0) }
            ?? FileManager.default.temporaryDirectory.appendingPathComponent("delta-\(UUID().uuidString)")
        defer { if Self.keptFolder == nil { try? FileManager.default.removeItem(at: folder) } }
        var versions: [String: TableVersion] = [:]
        for entry in Self.cases {
            try await entry.build(Self.table(entry, folder))
            try await Self.note(entry, entry.spec, folder)
            versions[entry.name] = try await Self.table(entry, folder).snapshot().version
        }
        try Self.judge(folder)
        if Self.keptFolder != nil { return }
        for entry in Self.cases {
            guard let goOn = entry.goOn else {
                try FileManager.default.removeItem(at: folder.appendingPathComponent(entry.name))
                continue
            }
            let table = Self.table(entry, folder)
            let version = try await table.snapshot().version
            #expect(version > versions[entry.name] ?? version, "\(entry.name): nobody else made a version")
            try await goOn(table)
            // The feed is not asked for again: delta-rs does not resolve the escapes of added files there.
            try await Self.note(entry, "{}", folder)
        }
        try Self.judge(folder)
    }

    static func table(_ entry: Case, _ folder: URL) -> DeltaTable {
        DeltaTable(
            store: LocalObjectStore(root: folder.appendingPathComponent("\(entry.name)/table").path),
            path: ""
        )
    }

    /// Writes down what the others must find.
    static func note(_ entry: Case, _ spec: String, _ folder: URL) async throws {
        let table = table(entry, folder)
        let home = folder.appendingPathComponent(entry.name)
        func write(_ lines: [String], _ name: String) throws {
            let sorted = lines.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            try Data(sorted.joined(separator: "\n").utf8).write(to: home.appendingPathComponent(name))
        }
        let snapshot = try await table.snapshot()
        let canonical = CanonicalRow(try table.schema(of: snapshot))
        var lines: [String] = []
        for try await batch in try table.rows(of: snapshot) {
            for row in 0..<batch.rowCount { lines.append(canonical.text(batch, row)) }
        }
        try write(lines, "rows")
        let spec = try #require(JSONSerialization.jsonObject(with: Data(spec.utf8)) as? [String: Any])
        if let start = spec["changes"] as? Int {
            var changes: [String] = []
            for try await batch in try await table.changes(from: TableVersion(Int64(start))) {
                let shown = batch.selecting(batch.schema.names.filter { $0 != "_commit_timestamp" })
                for row in 0..<shown.rowCount { changes.append(canonical.text(shown, row)) }
            }
            try write(changes, "changes")
        }
        try JSONSerialization.data(withJSONObject: spec).write(to: home.appendingPathComponent("spec"))
    }

    static func judge(_ folder: URL) throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("judge/delta_tables.py").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(python))
        process.arguments = [script, folder.path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, Comment(rawValue: text))
    }
}
