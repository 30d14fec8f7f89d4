import ColumnBatches
import Foundation
public import SourceConnectors

/// Reads folders of CSV files: a folder is a source, a file `orders.csv` in it the table `orders`.
///
/// The first line tells name and type of each column, and which are the key and the cursor:
/// `number long key,label string,changed_at timestamp cursor`. Timestamps are microseconds since 1970. An empty cell
/// is a missing value, `""` an empty text. Files are replaced as a whole, by renaming another file over them.
public struct CSVConnector: SourceConnector {
    /// The folders, by the name that a source's `connection` gives.
    public var folders: [String: String]
    /// The clock by which the cursors of the files are set, in microseconds since 1970.
    public var clock: @Sendable () -> Int64

    /// Makes a connector; without a clock of its own it takes this machine's.
    public init(folders: [String: String], clock: (@Sendable () -> Int64)? = nil) {
        self.folders = folders
        self.clock = clock ?? { Int64(Date().timeIntervalSince1970 * 1_000_000) }
    }

    /// Opens a session; files are opened when they are first read.
    public func withSession<Result: Sendable>(
        for source: Source,
        _ body: sending (CSVSession) async throws -> Result
    ) async throws -> Result {
        guard let folder = folders[source.connection], FileManager.default.fileExists(atPath: folder) else {
            throw SourceError(
                .unreachable,
                source: source,
                message: "there is no such folder; name one that is"
            )
        }
        let session = CSVSession(folder: folder, clock: clock)
        defer { session.close() }
        return try await body(session)
    }
}

/// A session with a folder.
///
/// Its snapshot is a file that stays open: replacing the file leaves the open one alone.
public final class CSVSession: SourceSession {
    private let folder: String
    private let clock: @Sendable () -> Int64
    private var snapshot: [TableName: FileHandle] = [:]

    init(folder: String, clock: @escaping @Sendable () -> Int64) {
        self.folder = folder
        self.clock = clock
    }

    /// Describes a file by its first line.
    public func describe(_ table: TableName) async throws -> TableDescription? {
        guard let file = open(table) else { return nil }
        defer { try? file.close() }
        let header = try header(CSVReader(file: file), table)
        return TableDescription(
            name: table,
            columns: header.columns,
            primaryKey: header.keys,
            cursorCandidates: [header.cursor].compactMap(\.self).map {
                // A file is always read whole, and whoever writes it sets the cursor.
                CursorCandidate(
                    column: $0,
                    type: .timestamp,
                    fractionalDigits: 6,
                    isIndexed: false,
                    isServerSet: false
                )
            }
        )
    }

    /// The clock.
    ///
    /// Nothing is ever under way: a file is there as a whole, or not.
    public func signals() async throws -> MarkSignals { MarkSignals(now: clock(), server: folder) }

    /// Reads a file from its first row.
    public func rows(_ query: ReadQuery, at consistency: ReadConsistency) async throws -> CSVRows {
        guard query.filters.isEmpty else {
            throw SourceError(
                .invalid,
                table: query.table,
                message: "CSV files cannot be filtered; drop the filters"
            )
        }
        let known = consistency == .snapshot ? snapshot[query.table] : nil
        guard let file = known ?? open(query.table) else {
            throw SourceError(.missing, table: query.table, message: "the folder has no such file")
        }
        if consistency == .snapshot { snapshot[query.table] = file }
        try file.seek(toOffset: 0)
        let reader = CSVReader(file: file)
        let names = try header(reader, query.table).columns.map(\.name)
        for field in query.columns where !names.contains(field.name) {
            throw SourceError(
                .missing,
                table: query.table,
                column: field.name,
                message: "there is no such column"
            )
        }
        return CSVRows(reader: reader, names: names, query: query)
    }

    /// Closes the files of the snapshot.
    public func endSnapshot() async throws { close() }

    func close() {
        for file in snapshot.values { try? file.close() }
        snapshot = [:]
    }

    /// Reads the first line.
    private func header(_ reader: CSVReader, _ table: TableName) throws -> (
        columns: [ColumnDescription], keys: [String], cursor: String?
    ) {
        let types: [String: ColumnType] = ["string": .string, "long": .int64, "timestamp": .timestamp]
        let cells = try (reader.nextRow() ?? []).map { ($0 ?? "").split(separator: " ").map(String.init) }
        guard !cells.isEmpty, cells.allSatisfy({ $0.count >= 2 }) else {
            throw SourceError(
                .invalid,
                table: table,
                message: "the first line must say \"name type\" of each column"
            )
        }
        let columns = cells.map { words in
            ColumnDescription(
                name: words[0],
                type: types[words[1]],
                sourceType: words[1],
                isNullable: !words.contains("key")
            )
        }
        let keys = cells.filter { $0.contains("key") }.map { $0[0] }
        return (columns, keys, cells.first { $0.contains("cursor") }?[0])
    }

    private func open(_ table: TableName) -> FileHandle? {
        FileHandle(forReadingAtPath: "\(folder)/\(table.table).csv")
    }
}
