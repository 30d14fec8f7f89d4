import ColumnBatches
import IncrementalFilters
import MergePlanning
import SourceConnectors

/// The columns of one client's table under the names of the lake: selection, mapping, keys and cursor.
///
/// Names are compared without case, as both MariaDB and Delta tables do.
struct TaskColumns {
    private(set) var columns: [(lake: String, source: ColumnDescription)] = []
    let keys: MergeKeys
    let cursor: Cursor?
    /// By what the source tells which rows are gone; nil where nobody asks for it.
    let history: RowHistory?
    let warnings: [String]

    init(task: SyncTask, source: TableDescription) throws {
        let template = task.template
        func fail(_ code: SyncError.Code, _ message: String) -> SyncError {
            SyncError(code, task: task.identity, message: message)
        }
        var lakeNameOfSource: [String: String] = [:]
        for (lake, mapped) in template.columnMap {
            lakeNameOfSource[mapped.lowercased()] = lake
        }
        var taken: [String: String] = [:]
        var all: [(lake: String, source: ColumnDescription)] = []
        for column in source.columns {
            let lake = lakeNameOfSource[column.name.lowercased()] ?? column.name
            let isNamed = (template.cursor.names + (template.columns ?? [])).contains {
                $0.lowercased() == lake.lowercased()
            }
            guard !column.isHidden || isNamed else { continue }
            if let other = taken[lake.lowercased()] {
                throw fail(
                    .invalidConfiguration,
                    "the source columns \"\(other)\" and \"\(column.name)\" would both become \"\(lake)\"; map one of them "
                        + "to another name under \"columnMap\""
                )
            }
            taken[lake.lowercased()] = column.name
            all.append((lake, column))
        }
        keys = try MergeKeys.choose(
            primaryKey: source.primaryKey,
            uniqueKeys: source.uniqueKeys.map { ($0.name, $0.columns, $0.isNullable) },
            configured: try template.keys.map { keys in
                try keys.map { key in
                    guard let found = all.first(where: { $0.lake.lowercased() == key.lowercased() }) else {
                        throw fail(
                            .invalidConfiguration,
                            "the key column \"\(key)\" is not in the source table; it has "
                                + all.map(\.lake).joined(separator: ", ")
                        )
                    }
                    return found.source.name
                }
            },
            columns: source.columns.map(\.name)
        )
        cursor = try Self.cursor(task, source, all)
        history = try Self.history(task, source, cursor)
        var needed = Set(keys.columns.map { $0.lowercased() })
        if let cursor { needed.formUnion(cursor.columns.map { $0.lowercased() }) }
        var warnings: [String] = []
        let sourceNames = Set(source.columns.map { $0.name.lowercased() })
        for (lake, mapped) in template.columnMap.sorted(by: { $0.key < $1.key })
        where !sourceNames.contains(mapped.lowercased()) && task.masks?.mask(mapped) != .drop {
            warnings.append(
                "the source has no column \"\(mapped)\", which \"columnMap\" names for \"\(lake)\""
            )
        }
        if let selected = template.columns {
            let wanted = Set(selected.map { $0.lowercased() })
            all.removeAll {
                !wanted.contains($0.lake.lowercased()) && !needed.contains($0.source.name.lowercased())
            }
            let present = Set(all.map { $0.lake.lowercased() })
            for name in selected where !present.contains(name.lowercased()) {
                warnings.append("the source has no column \"\(name)\", which the configuration selects")
            }
        }
        for column in all {
            if LakeColumns.partition.contains(column.lake.lowercased()) {
                throw fail(
                    .invalidConfiguration,
                    "the source column \"\(column.source.name)\" has the name of a partition column of the lake; map it to "
                        + "another name under \"columnMap\", such as \"source_\(column.lake)\""
                )
            }
            if let own = template.lineage.first(where: { $0.rawValue == column.lake.lowercased() }) {
                throw fail(
                    .invalidConfiguration,
                    "the source column \"\(column.source.name)\" has the name of a column of \"lineage\"; map it to "
                        + "another name under \"columnMap\", such as \"source\(own.rawValue)\""
                )
            }
            if column.source.type == nil {
                throw SourceError(
                    .unsupportedType,
                    source: task.source,
                    table: task.sourceTable,
                    column: column.source.name,
                    message:
                        "the type \(column.source.sourceType) is not mapped: "
                        + (column.source.refusal ?? "leave the column out under \"columns\"")
                )
            }
        }
        if let cursor,
            let column = all.first(where: {
                cursor.columns.contains($0.source.name) && $0.source.type != cursor.type
            })
        {
            throw fail(
                .invalidConfiguration,
                "the cursor \"\(column.lake)\" must keep its type, which its policy changes; give it another under "
                    + "\"columnValues\": \"impossibleDates\" other than \"text\", and no \"wallClock\""
            )
        }
        columns = all
        self.warnings = warnings
    }

    /// The names in the lake, in the order of the source.
    var lakeNames: [String] { columns.map(\.lake) }

    /// The key columns in the source.
    var sourceKeys: [String] { keys.columns }

    /// The source column behind a lake column, or nil.
    func source(forLake name: String) -> ColumnDescription? {
        columns.first { $0.lake.lowercased() == name.lowercased() }?.source
    }

    /// The name that a source column has in the lake.
    func lakeName(ofSource name: String) -> String? {
        columns.first { $0.source.name.lowercased() == name.lowercased() }?.lake
    }

    /// The cursor: the configured one, else the best that the source offers and that it sets itself.
    private static func cursor(
        _ task: SyncTask,
        _ source: TableDescription,
        _ columns: [(lake: String, source: ColumnDescription)]
    ) throws -> Cursor? {
        let appends = task.template.write == .append
        switch task.template.cursor {
        case .none: return nil
        case .automatic:
            let own = source.cursorCandidates.filter { $0.isServerSet && $0.isAutomatic }
            // A counter shows no changes: it is taken only where none are looked for.
            let best = own.first { !$0.isCounter } ?? (appends ? own.first : nil)
            return best.map { Cursor($0, tellsNewRowsOnly: appends) }
        case .column(let name):
            return Cursor(try candidate(name, task, source, columns), tellsNewRowsOnly: appends)
        case .expression(let expression):
            guard
                let candidate = source.cursorCandidates.first(where: { $0.expression == expression })
            else {
                throw SyncError(
                    .invalidConfiguration,
                    task: task.identity,
                    message:
                        "the source evaluates no expression as a cursor, and \"cursor\" is \"\(expression.text)\"; name a column, "
                        + "or null to compare the table"
                )
            }
            return Cursor(candidate)
        case .columns(let names):
            let found = try names.map { name throws(SyncError) in
                try candidate(name, task, source, columns)
            }
            func fail(_ message: String) -> SyncError {
                SyncError(.invalidConfiguration, task: task.identity, message: message)
            }
            let list = names.joined(separator: ", ")
            guard source.combinesCursors else {
                throw fail("the source cannot combine the columns \(list) into a cursor; name one of them")
            }
            guard Set(found.map(\.type)).count == 1, !found[0].isCounter else {
                throw fail(
                    "the columns \(list) of the cursor must be times of one type, and they are "
                        + found.map { "\($0.column) \($0.type)" }.joined(separator: ", ")
                        + "; name one of them"
                )
            }
            return Cursor(found[0], orElse: Array(found.dropFirst()), tellsNewRowsOnly: appends)
        }
    }

    /// The history that the task finds deleted rows by.
    private static func history(
        _ task: SyncTask,
        _ source: TableDescription,
        _ cursor: Cursor?
    ) throws(SyncError) -> RowHistory? {
        guard task.template.findDeletes == .history else { return nil }
        func fail(_ message: String) -> SyncError {
            SyncError(.invalidConfiguration, task: task.identity, message: "\"findDeletes\": " + message)
        }
        guard let history = source.history else {
            throw fail(
                "the source keeps no history of \(source.name) that can be read by time; a MariaDB table has one WITH "
                    + "SYSTEM VERSIONING by TIMESTAMP: write \"everyRun\" or a schedule, which compare the keys"
            )
        }
        guard let cursor, cursor.columns == [history.start], task.template.mode == .merge else {
            throw fail(
                "the history tells deleted rows where the cursor is \"\(history.start)\", the start of a row's version, and "
                    + "it is \(cursor?.name ?? "none"); name that as \"cursor\", or write \"everyRun\" or a schedule"
            )
        }
        return history
    }

    /// What the source says of a column that is to be a cursor, or a part of one.
    private static func candidate(
        _ name: String,
        _ task: SyncTask,
        _ source: TableDescription,
        _ columns: [(lake: String, source: ColumnDescription)]
    ) throws(SyncError) -> CursorCandidate {
        let column = columns.first { $0.lake.lowercased() == name.lowercased() }?.source.name
        guard let candidate = source.cursorCandidates.first(where: { $0.column == column }) else {
            let known = source.cursorCandidates.filter { $0.expression == nil }.map(\.column).joined(
                separator: ", "
            )
            throw SyncError(
                .invalidConfiguration,
                task: task.identity,
                message:
                    "the cursor \"\(name)\" is no timestamp column of the source table, and no whole number with an "
                    + "index; " + (known.isEmpty ? "it has none: set \"cursor\" to null" : "it has \(known)")
            )
        }
        return candidate
    }
}
