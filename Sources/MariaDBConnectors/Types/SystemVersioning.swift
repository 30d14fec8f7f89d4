#if MariaDB
import ColumnBatches
import SourceConnectors

/// The columns by which a system-versioned table tells its versions apart.
enum SystemVersioning {
    /// The columns that a table has which was declared `WITH SYSTEM VERSIONING` alone, and that nothing lists.
    ///
    /// Statements that name them read them. No index can be made on them.
    static func hiddenColumns(besides columns: [SourceColumn]) -> [SourceColumn] {
        // A table that was declared with columns for it has no others, be they times or numbers of transactions.
        guard !columns.contains(where: \.isOfVersioning) else { return [] }
        return [column("row_start", isStart: true), column("row_end", isStart: false)]
    }

    private static func column(_ name: String, isStart: Bool) -> SourceColumn {
        SourceColumn(
            description: ColumnDescription(
                name: name,
                type: .timestamp,
                sourceType: "timestamp(6)",
                isNullable: false,
                isHidden: true
            ),
            cursorType: isStart ? .timestamp : nil,
            fractionalDigits: 6,
            isServerSet: isStart,
            isSetOnInsert: isStart,
            isSetOnUpdate: isStart,
            isGenerated: !isStart,
            startsRow: isStart,
            endsRow: !isStart,
            isOfVersioning: true
        )
    }
}
#endif
