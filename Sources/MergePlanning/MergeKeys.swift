/// The columns that identify a row within its region and client, and why these.
public struct MergeKeys: Sendable, Hashable {
    /// Where the choice comes from.
    public enum Origin: Sendable, Hashable, CustomStringConvertible {
        /// The source table's primary key.
        case primaryKey
        /// A unique index of the source table without nullable columns.
        case uniqueIndex(String)
        /// The configuration.
        case configured

        /// `primary key`, `unique index NAME` or `configuration`.
        public var description: String {
            switch self {
            case .primaryKey: "primary key"
            case .uniqueIndex(let name): "unique index \(name)"
            case .configured: "configuration"
            }
        }
    }

    /// The key columns, in key order.
    public var columns: [String]
    /// Where the choice comes from.
    public var origin: Origin

    /// Whether the source itself keeps two rows from having one key.
    public var isUniqueInSource: Bool { origin != .configured }

    /// Makes keys.
    public init(columns: [String], origin: Origin) {
        self.columns = columns
        self.origin = origin
    }

    /// Chooses the keys of a table: what the configuration says, else the primary key, else the first unique
    /// index without nullable columns.
    ///
    /// A configured key that the source guarantees as well counts as the source's.
    ///
    /// - Parameters:
    ///   - primaryKey: The primary key's columns; empty when there is none.
    ///   - uniqueKeys: The other unique indexes: name, columns, and whether one of them is nullable.
    ///   - configured: The columns that the configuration names, or nil.
    ///   - columns: The columns of the table.
    /// - Returns: The keys.
    /// - Throws: `MergeError` when nothing identifies a row, or a configured column is not there.
    public static func choose(
        primaryKey: [String],
        uniqueKeys: [(name: String, columns: [String], isNullable: Bool)],
        configured: [String]?,
        columns: [String]
    ) throws(MergeError) -> MergeKeys {
        if let configured, !configured.isEmpty {
            if let missing = configured.first(where: { !columns.contains($0) }) {
                throw MergeError(
                    .missingKeyColumn,
                    column: missing,
                    message:
                        "the configuration names it as key, but the table has only \(columns.joined(separator: ", "))"
                )
            }
            if Set(configured) == Set(primaryKey) {
                return MergeKeys(columns: configured, origin: .primaryKey)
            }
            if let index = uniqueKeys.first(where: { !$0.isNullable && Set($0.columns) == Set(configured) }) {
                return MergeKeys(columns: configured, origin: .uniqueIndex(index.name))
            }
            return MergeKeys(columns: configured, origin: .configured)
        }
        if !primaryKey.isEmpty { return MergeKeys(columns: primaryKey, origin: .primaryKey) }
        if let index = uniqueKeys.first(where: { !$0.isNullable && !$0.columns.isEmpty }) {
            return MergeKeys(columns: index.columns, origin: .uniqueIndex(index.name))
        }
        throw MergeError(
            .noKey,
            message: "the table has no primary key and no unique index without nullable columns; "
                + "name columns that identify a row under \"keys\""
        )
    }
}
