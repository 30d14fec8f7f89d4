/// What is otherwise in a client's table than it was, or than it is in the tables of most clients.
public struct SchemaDrift: Sendable, Hashable, Codable {
    /// The kind of difference.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// There is a new column.
        case added
        /// A column is gone.
        case dropped
        /// A column is gone and a new one like it has come in its place: perhaps it has another name now.
        case renamed
        /// A type holds more values than before.
        case widened
        /// A type holds fewer values than before.
        case narrowed
        /// A type is another one.
        case retyped
        /// Values may be missing that could not, or the other way round.
        case nullability
        /// Other columns identify a row.
        case keys
        /// Texts are of another character set or compare in another way.
        case collation
    }

    /// What the run did about it.
    public enum Action: String, Sendable, Hashable, Codable, CaseIterable {
        /// The task was stopped; nothing of it was brought.
        case failed
        /// The task went on: what the lake has holds what the source has now.
        case ignored
        /// The lake table has taken it over.
        case followed
    }

    /// The kind of difference.
    public var kind: Kind
    /// The column, by its name in the source; the keys' new names for `keys`.
    public var column: String
    /// What was there before; nil for a new column.
    public var before: String?
    /// What is there now; nil for a column that is gone.
    public var now: String?
    /// Whether it is a difference to most clients, of a client that was never seen before.
    public var isToOthers = false
    /// What the run did about it.
    public var action = Action.ignored

    init(_ kind: Kind, _ column: String, before: String?, now: String?) {
        self.kind = kind
        self.column = column
        self.before = before
        self.now = now
    }

    /// One line: `narrowed amount: bigint(20) → int(11)`.
    public var text: String {
        let change = [before, now].compactMap(\.self).joined(separator: " → ")
        let others = isToOthers ? ", unlike most clients" : ""
        return "\(kind.rawValue) \(column)" + (change.isEmpty ? "" : ": \(change)") + others
    }
}

extension SchemaDrift {
    /// What sets one shape apart from another, column by column.
    ///
    /// A column that is gone and one that has come are called renamed where both are declared alike and stand in the same
    /// place, or are the only two; nothing is ever renamed because of that.
    static func find(from old: TableShape, to new: TableShape) -> [SchemaDrift] {
        guard old != new else { return [] }
        var found: [SchemaDrift] = []
        var dropped = old.columns.filter { new.column($0.name) == nil }
        var added = new.columns.filter { old.column($0.name) == nil }
        let isOnlyPair = dropped.count == 1 && added.count == 1
        for gone in dropped {
            guard
                let twin = added.first(where: { candidate in
                    candidate.text == gone.text
                        && (isOnlyPair
                            || old.columns.firstIndex(of: gone) == new.columns.firstIndex(of: candidate))
                })
            else { continue }
            found.append(
                SchemaDrift(.renamed, twin.name, before: gone.name, now: "\(twin.name) \(twin.text)")
            )
            dropped.removeAll { $0 == gone }
            added.removeAll { $0 == twin }
        }
        found += added.map { SchemaDrift(.added, $0.name, before: nil, now: $0.text) }
        found += dropped.map { SchemaDrift(.dropped, $0.name, before: $0.text, now: nil) }
        for column in new.columns {
            guard let before = old.column(column.name) else { continue }
            found += differences(from: before, to: column)
        }
        if old.keys.map({ $0.lowercased() }) != new.keys.map({ $0.lowercased() }) {
            let names = new.keys.isEmpty ? "none" : new.keys.joined(separator: ", ")
            let before = old.keys.isEmpty ? "none" : old.keys.joined(separator: ", ")
            found.append(SchemaDrift(.keys, names, before: before, now: names))
        }
        return found
    }

    private static func differences(
        from old: TableShape.Column,
        to new: TableShape.Column
    ) -> [SchemaDrift] {
        var found: [SchemaDrift] = []
        let step = DeclaredType(old.declaration).step(to: DeclaredType(new.declaration))
        let kind: Kind? =
            switch step {
            case .same: nil
            case .wider: .widened
            case .narrower: .narrowed
            case .other: .retyped
            }
        if let kind {
            found.append(SchemaDrift(kind, new.name, before: old.declaration, now: new.declaration))
        }
        if old.isNullable != new.isNullable {
            func text(_ isNullable: Bool) -> String { isNullable ? "null" : "not null" }
            found.append(
                SchemaDrift(.nullability, new.name, before: text(old.isNullable), now: text(new.isNullable))
            )
        }
        if let before = old.collation, let now = new.collation, before != now {
            found.append(SchemaDrift(.collation, new.name, before: before, now: now))
        }
        return found
    }
}
