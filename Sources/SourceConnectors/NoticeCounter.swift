/// Counts the values that were read by a rule, over the queries of a session.
public final class NoticeCounter {
    private struct Key: Hashable {
        var column: String
        var rule: String
    }

    private var counts: [Key: Int] = [:]

    /// Begins to count.
    public init() {}

    /// Adds values of a column.
    public func add(_ count: Int, column: String, rule: String) {
        guard count > 0 else { return }
        counts[Key(column: column, rule: rule), default: 0] += count
    }

    /// The counts so far, in a stable order; counting starts anew.
    public func take() -> [ValueNotice] {
        defer { counts = [:] }
        return counts.map { ValueNotice(column: $0.key.column, rule: $0.key.rule, count: $0.value) }
            .sorted { ($0.column, $0.rule) < ($1.column, $1.rule) }
    }
}
