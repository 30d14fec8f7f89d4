public import SourceConnectors

/// What one client has otherwise than the others, in one table.
public struct ClientOverride: Sendable, Hashable {
    /// Further names in the lake to names in the source; they win over the template's.
    public var columnMap: [String: String]
    /// Further conditions on the rows.
    public var filters: [RowFilter]
    /// Whether the client lacks the table and goes without.
    public var skip: Bool
    /// The client's own name of the table; nil for the template's.
    public var sourceTable: String?
    /// The client's own cursor; nil for the template's.
    public var cursor: CursorSetting?
    /// The client's own keys; nil for the template's.
    public var keys: [String]?
    /// The client's own columns; nil for the template's.
    public var columns: [String]?
    /// How the client's changes come into the lake; nil for the template's way.
    public var mode: TableTemplate.Mode?
    /// Whether people look at the client's changes first; nil for what the template says.
    public var review: TableTemplate.Review?
    /// When the client's table is due; nil for the template's times, `.some(nil)` for never by itself.
    public var schedule: Schedule??

    /// Makes an override.
    public init(columnMap: [String: String] = [:], filters: [RowFilter] = [], skip: Bool = false) {
        self.columnMap = columnMap
        self.filters = filters
        self.skip = skip
    }

    /// A template with the client's own settings.
    func applied(to template: TableTemplate) -> TableTemplate {
        var own = template
        own.columnMap.merge(columnMap) { $1 }
        own.filters += filters
        if let cursor { own.cursor = cursor }
        if let keys { own.keys = keys }
        if let columns { own.columns = columns }
        if let mode { own.mode = mode }
        if let review { own.review = review }
        if let schedule { own.schedule = schedule }
        return own
    }
}
