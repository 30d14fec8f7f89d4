/// The footer of a file; the format's `FileMetaData`.
struct FileMetadata: Sendable {
    var version = 1
    /// The schema, parents first; the root comes first of all.
    var schema: [SchemaElement] = []
    var rowCount = 0
    var rowGroups: [RowGroupMetadata] = []
    var keyValues: [KeyValue] = []
    var createdBy: String?
    /// How each leaf is ordered; without an entry, its `min` and `max` mean nothing.
    var columnOrders: [ColumnOrder] = []
}

/// A pair of the key-value metadata.
struct KeyValue: Sendable, Hashable {
    var key = ""
    var value: String?
}

/// How the values of a column are ordered, by its number in the format's union.
enum ColumnOrder: Sendable, Hashable {
    /// As the type says.
    case typeDefined
    /// An order that came later.
    case other(Int)
}
