#if MariaDB
import ColumnBatches
import SourceConnectors

/// A column with what decides whether it can serve as cursor.
struct SourceColumn: Sendable, Hashable {
    var description: ColumnDescription
    /// `timestamp` or `timestampNTZ` for a point in time, an integer type for a whole number, nil for every other column.
    var cursorType: ColumnType?
    var fractionalDigits: Int
    var isServerSet: Bool
    var isSetOnInsert: Bool
    var isSetOnUpdate: Bool
    var isGenerated: Bool
    /// Whether the column says since when a row of a system-versioned table holds.
    ///
    /// It is a cursor for those who name it: by itself such a table is compared, which shows deleted rows.
    var startsRow: Bool
    /// Whether the column says until when a row of a system-versioned table holds.
    var endsRow: Bool
    /// Whether the column is there for the versions of rows, by times or by numbers of transactions.
    var isOfVersioning: Bool
}

/// Finds the columns that can serve as cursor.
enum CursorRanking {
    /// The columns that hold a point in time, the best first, then whole numbers that the server counts or an index
    /// starts with.
    static func candidates(_ columns: [SourceColumn], indexedFirst: Set<String>) -> [CursorCandidate] {
        columns.compactMap { column -> CursorCandidate? in
            guard !column.endsRow, let type = column.cursorType else { return nil }
            let isIndexed = indexedFirst.contains(column.description.name)
            guard !type.isCounter || !column.isGenerated && (column.isServerSet || isIndexed) else {
                return nil
            }
            return CursorCandidate(
                column: column.description.name,
                type: type,
                // What a column is generated from may keep fewer digits than it does.
                fractionalDigits: column.isGenerated ? 0 : column.fractionalDigits,
                isIndexed: isIndexed,
                isServerSet: column.isServerSet,
                isSetOnInsert: column.isSetOnInsert,
                isSetOnUpdate: column.isSetOnUpdate,
                isAutomatic: !column.startsRow && !column.isGenerated
            )
        }
        .bestFirst()
    }
}
#endif
