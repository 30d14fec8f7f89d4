import ColumnBatches
import SourceConnectors

extension CursorExpression {
    /// The types that an expression may have, as the configuration names them.
    private enum Kind: String, CaseIterable { case timestamp, datetime }

    /// Reads `{"expression": "GREATEST(updated_at, synced_at)", "type": "timestamp"}`.
    init(_ node: ConfigurationNode) throws(SyncError) {
        let members = try node.members(["expression", "type"])
        let text = try members.required("expression", of: node)
        let type = try members.required("type", of: node).choice(Kind.self)
        self.init(try text.text(), type: type == .timestamp ? .timestamp : .timestampNTZ)
        if let mistake { throw text.failure(mistake) }
    }
}
