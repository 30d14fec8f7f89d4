/// A bug of the kind that connectors have.
package enum ConnectorBug: String, CaseIterable, Sendable {
    case skipsTies, losesRowsWithoutCursor, truncatesMicroseconds, reordersPages, swallowsErrors
    case queuesEverything, leaksCancelledSessions, takesWrongZone, tellsPartOfKey, printsSecret
    case overlapsRanges, hidesUnmappedColumns, overlooksTies

    /// The property that must find it.
    package var property: String {
        switch self {
        case .skipsTies: "K24a"
        case .losesRowsWithoutCursor: "K24c"
        case .truncatesMicroseconds: "K10"
        case .reordersPages: "K13a"
        case .swallowsErrors: "K20a"
        case .queuesEverything: "K16"
        case .leaksCancelledSessions: "K14"
        case .takesWrongZone: "K26a"
        case .tellsPartOfKey: "K06"
        case .printsSecret: "K03"
        case .overlapsRanges: "K11a"
        case .hidesUnmappedColumns: "K08"
        case .overlooksTies: "K24e"
        }
    }

    /// Words of the property's title that say what is wrong.
    package var words: String {
        switch self {
        case .skipsTies: "ties"
        case .losesRowsWithoutCursor: "without a cursor value"
        case .truncatesMicroseconds: "values arrive as they are"
        case .reordersPages: "in order, across batches"
        case .swallowsErrors: "never early as if it were whole"
        case .queuesEverything: "queue has a bound"
        case .leaksCancelledSessions: "leaves nothing open"
        case .takesWrongZone: "UTC"
        case .tellsPartOfKey: "whole key"
        case .printsSecret: "secrets"
        case .overlapsRanges: "hold each row once"
        case .hidesUnmappedColumns: "a column of an unmapped type is told"
        case .overlooksTies: "nobody is told that it has none"
        }
    }
}
