#if SQLite
import SourceConnectors

/// What a file's catalogue says of one table or view.
struct Catalogue {
    /// A column.
    struct Column {
        var name: String
        var declared: DeclaredType
        /// The expression of its default, as it was written; empty for none.
        var defaultValue: String
        var isNotNull: Bool
        /// The place in the primary key, from 1; 0 for none.
        var keyPosition: Int
        var isGenerated: Bool
    }

    /// An index all of whose columns are columns, and which covers all rows.
    struct Index {
        var name: String
        var columns: [String]
        var isUnique: Bool
        var isPrimaryKey: Bool
    }

    private(set) var columns: [Column] = []
    private(set) var indexes: [Index] = []
    /// The statements that made the triggers.
    private(set) var triggers: [String] = []
    private(set) var cascadeColumns: [String] = []
    private(set) var estimatedRows: Int?
    /// Whether the key is declared `AUTOINCREMENT`, so that none of its numbers is given twice.
    private(set) var countsKeys = false
    let isStrict: Bool
    private let hasRowID: Bool
    private let isTable: Bool

    /// Reads the catalogue; nil when there is no such table.
    init?(_ database: Database, _ table: String) throws(SourceError) {
        let list = try Statement(
            "SELECT type, wr, strict FROM pragma_table_list WHERE schema = 'main' AND name = ? COLLATE NOCASE",
            [.text(table)],
            on: database
        )
        guard try list.step() else { return nil }
        isTable = list.text(0) != "view"
        hasRowID = list.text(0) == "table" && list.integer(1) == 0
        isStrict = list.integer(2) != 0
        try readColumns(database, table)
        try readIndexes(database, table)
        try readTriggers(database, table)
        try readForeignKeys(database, table)
        estimatedRows = try estimate(database, table)
        countsKeys = try readCounting(database, table)
    }

    /// The column that the database counts; nil where it counts none, or may give a number again.
    var counter: String? { countsKeys ? primaryKey.first : nil }

    /// The columns of the primary key, in key order.
    var primaryKey: [String] {
        columns.filter { $0.keyPosition > 0 }.sorted { $0.keyPosition < $1.keyPosition }.map(\.name)
    }

    /// Whether values may be missing.
    ///
    /// A key of a table with row ids takes missing values unless it is declared otherwise, is the row id itself, or
    /// the table is strict. Such a key is described as it is declared: a missing value ends the read by name.
    func isNullable(_ column: Column) -> Bool {
        if column.isNotNull { return false }
        return column.keyPosition == 0
    }

    private mutating func readColumns(_ database: Database, _ table: String) throws(SourceError) {
        let rows = try Statement(
            "SELECT name, type, dflt_value, \"notnull\", pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid",
            [.text(table)],
            on: database
        )
        while try rows.step() {
            // 1 is a column of a virtual table that is not to be seen; 2 and 3 are generated ones.
            guard rows.integer(5) != 1 else { continue }
            columns.append(
                Column(
                    name: rows.text(0),
                    declared: DeclaredType(rows.text(1)),
                    defaultValue: rows.text(2),
                    isNotNull: rows.integer(3) != 0,
                    keyPosition: Int(rows.integer(4)),
                    isGenerated: rows.integer(5) > 1
                )
            )
        }
    }

    private func readCounting(_ database: Database, _ table: String) throws(SourceError) -> Bool {
        let row = try Statement(
            "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE",
            [.text(table)],
            on: database
        )
        guard try row.step() else { return false }
        return CursorSetting.words(row.text(0)).contains("autoincrement")
    }

    private mutating func readIndexes(_ database: Database, _ table: String) throws(SourceError) {
        let rows = try Statement(
            """
            SELECT i.name, i."unique", i.origin, c.name FROM pragma_index_list(?) AS i, pragma_index_info(i.name) AS c
            WHERE i.partial = 0 ORDER BY i.name, c.seqno
            """,
            [.text(table)],
            on: database
        )
        var expressions: Set<String> = []
        while try rows.step() {
            let name = rows.text(0)
            if rows.storage(3) == .null { expressions.insert(name) }
            if indexes.last?.name != name {
                indexes.append(
                    Index(
                        name: name,
                        columns: [],
                        isUnique: rows.integer(1) != 0,
                        isPrimaryKey: rows.text(2) == "pk"
                    )
                )
            }
            indexes[indexes.count - 1].columns.append(rows.text(3))
        }
        indexes.removeAll { expressions.contains($0.name) }
    }

    private mutating func readTriggers(_ database: Database, _ table: String) throws(SourceError) {
        let rows = try Statement(
            "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE ORDER BY name",
            [.text(table)],
            on: database
        )
        while try rows.step() { triggers.append(rows.text(0)) }
    }

    private mutating func readForeignKeys(_ database: Database, _ table: String) throws(SourceError) {
        let rows = try Statement(
            """
            SELECT DISTINCT "from" FROM pragma_foreign_key_list(?)
            WHERE on_update IN ('CASCADE', 'SET NULL', 'SET DEFAULT') OR on_delete IN ('SET NULL', 'SET DEFAULT')
            ORDER BY 1
            """,
            [.text(table)],
            on: database
        )
        while try rows.step() { cascadeColumns.append(rows.text(0)) }
    }

    /// The greatest row id, which is at least the number of rows unless some have negative ones.
    private func estimate(_ database: Database, _ table: String) throws(SourceError) -> Int? {
        guard isTable, hasRowID else { return nil }
        let row = try Statement("SELECT max(rowid) FROM \(SelectStatement.quoted(table))", on: database)
        guard try row.step(), row.storage(0) == .integer else { return nil }
        return Int(max(row.integer(0), 0))
    }
}
#endif
