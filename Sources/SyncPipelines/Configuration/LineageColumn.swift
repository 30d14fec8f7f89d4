import ColumnBatches

/// A column of a lake table that says where a row came from.
///
/// What it holds is never a reason to write a row: only rows that change otherwise get new values.
public enum LineageColumn: String, Sendable, Hashable, CaseIterable {
    /// The run that brought the row as it is; text.
    case run = "_run"
    /// What the clock of the source said when the row was read; an instant.
    case syncedAt = "_synced_at"
    /// The connection and the table that the row was read from; text.
    case source = "_source"

    /// The column.
    var field: Field { Field(rawValue, self == .syncedAt ? .timestamp : .string) }
}
