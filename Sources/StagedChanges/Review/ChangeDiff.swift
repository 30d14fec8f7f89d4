import ColumnBatches
public import MergePlanning

/// One changed row as people read it: which row, and what happens to which column.
public struct RowDiff: Sendable, Hashable, Codable {
    /// One column.
    public struct Column: Sendable, Hashable, Codable {
        /// The column.
        public var name: String
        /// Its type in the lake.
        public var type: String
        /// What it holds; nil for a row that is new.
        public var before: String?
        /// What it will hold; nil for a row that goes.
        public var after: String?
        /// What it would hold with the rules that are proposed, where that is another value.
        public var patched: String?
    }

    /// What happens to the row.
    public var kind: ChangeKind
    /// The key columns with their values.
    public var key: [Column]
    /// The other columns that change; all of a row that is new or goes.
    public var columns: [Column]
    /// What the source held: what a rule about this row names.
    public var sourceDigest: String?
    /// The rules that changed the row when it was staged.
    public var rules: [String]

    /// One line.
    public var text: String {
        let sign = kind == .insert ? "+" : kind == .delete ? "-" : "~"
        let name = key.map { "\($0.name)=\($0.after ?? $0.before ?? "null")" }.joined(separator: " ")
        let changes = columns.map { column in
            var text = "\(column.name) \(column.type) "
            text += [column.before, column.after].compactMap(\.self).joined(separator: " → ")
            if let patched = column.patched { text += " ⇒ \(patched)" }
            return text
        }
        let by = rules.isEmpty ? "" : "  [rules \(rules.joined(separator: ", "))]"
        return "\(sign) \(name)  \(changes.joined(separator: "; "))\(by)"
    }
}

extension StagedRows {
    /// The rows as people read them.
    ///
    /// - Parameters:
    ///   - keys: The key columns.
    ///   - proposed: The rules that are not approved yet, whose effect is shown beside the values.
    /// - Returns: A diff for each row.
    /// - Throws: `StagedChangesError` when a proposed rule does not fit the rows.
    public func diffs(keys: [String], proposed: PatchReplay? = nil) throws(StagedChangesError) -> [RowDiff] {
        var patched = after
        if var replay = proposed {
            patched = try replay.apply(after, digests: digests.map { $0 ?? SourceDigest("") })
        }
        let fields = after.schema.fields
        return kinds.indices.map { row in
            let kind = kinds[row]
            let columns = fields.indices.map { index -> RowDiff.Column in
                let field = fields[index]
                let old = kind == .insert ? nil : before.columns[index][row].display
                let new = kind == .delete ? nil : after.columns[index][row].display
                let other = kind == .delete ? nil : patched.columns[index][row].display
                return RowDiff.Column(
                    name: field.name,
                    type: "\(field.type)",
                    before: old,
                    after: new,
                    patched: other == new ? nil : other
                )
            }
            return RowDiff(
                kind: kind,
                key: columns.filter { keys.contains($0.name) },
                columns: columns.filter { column in
                    !keys.contains(column.name)
                        && (kind != .update || column.before != column.after || column.patched != nil)
                },
                sourceDigest: digests[row]?.description,
                rules: rules[row]
            )
        }
    }
}
