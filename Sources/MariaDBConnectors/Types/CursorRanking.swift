#if MariaDB
import ColumnBatches
import SourceConnectors

/// A column with what decides whether it can serve as cursor.
struct SourceColumn: Sendable, Hashable {
    var description: ColumnDescription
    /// `timestamp` or `timestampNTZ` for a point in time, nil for every other column.
    var cursorType: ColumnType?
    var fractionalDigits: Int
    var isServerSet: Bool
    var isGenerated: Bool
}

/// Orders the columns that can serve as cursor.
enum CursorRanking {
    /// The columns that hold a point in time, the best first.
    ///
    /// One that the server sets on every change comes first. Then counts what the name says of its purpose: an
    /// index on the time of creation does not make it tell changes. Indexes and instants decide between the rest.
    static func candidates(_ columns: [SourceColumn], indexedFirst: Set<String>) -> [CursorCandidate] {
        let candidates = columns.compactMap { column -> CursorCandidate? in
            guard !column.isGenerated, let type = column.cursorType else { return nil }
            return CursorCandidate(
                column: column.description.name,
                type: type,
                fractionalDigits: column.fractionalDigits,
                isIndexed: indexedFirst.contains(column.description.name),
                isServerSet: column.isServerSet
            )
        }
        return candidates.enumerated()
            .sorted { ($0.element.rank, -$0.offset) > ($1.element.rank, -$1.offset) }
            .map(\.element)
    }
}

extension CursorCandidate {
    fileprivate var rank: Int {
        (isServerSet ? 1_000 : 0) + nameRank * 100 + (isIndexed ? 10 : 0) + (type == .timestamp ? 1 : 0)
    }

    /// 3 for the customary names of a time of change, 2 for names that speak of change, 0 for times of birth.
    private var nameRank: Int {
        let name = column.lowercased()
        if ["update_timestamp", "updated_at", "update_time", "updated", "modified_at", "last_modified"]
            .contains(name)
        {
            return 3
        }
        if name.contains("updat") || name.contains("modif") || name.contains("chang") { return 2 }
        return name.contains("creat") || name.contains("insert") || name.contains("birth") ? 0 : 1
    }
}
#endif
