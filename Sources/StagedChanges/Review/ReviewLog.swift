import ColumnBatches
import DeltaLog
import DeltaTables
import FoundationEssentials
public import ObjectStores
import SyncLedgers

/// What was staged and decided, by whom and when: a Delta table to which events are only added.
///
/// Its columns are `at`, `event`, `change_set`, `rule`, `region`, `client_id`, `schema`, `table_name`, `by`, `note` and
/// `body`, the change set or the rule as JSON.
public struct ReviewLog: Sendable {
    private let table: DeltaTable

    /// The log's path below the root of a lake.
    public static let defaultPath = "tributary/reviews"

    private static let fields = [
        Field("at", .timestamp), Field("event", .string), Field("change_set", .string),
        Field("rule", .string),
        Field("region", .string), Field("client_id", .string), Field("schema", .string),
        Field("table_name", .string), Field("by", .string), Field("note", .string), Field("body", .string),
    ]

    /// Names the log of a lake; nothing is read yet.
    public init(store: any ObjectStore, path: String = ReviewLog.defaultPath) {
        table = DeltaTable(store: store, path: path)
    }

    /// Adds events, all in one version.
    public func append(_ events: [ReviewEvent]) async throws {
        guard !events.isEmpty else { return }
        let now = Int64(Date().timeIntervalSince1970 * 1_000_000)
        let rows = events.enumerated().map { number, event in event.row(at: now + Int64(number)) }
        let columns = Self.fields.indices.map { index in
            var builder = ColumnBuilder(Self.fields[index].type)
            for row in rows { builder.append(row[index]) }
            return builder.finish()
        }
        let batch = ColumnBatch(schema: BatchSchema(Self.fields), columns: columns)
        if try await !table.exists() {
            do {
                _ = try await table.create(schema: TableSchema(fields: Self.fields))
            } catch let error as DeltaLogError where error.isConflict {}  // another process made it
        }
        _ = try await table.append(batch)
    }

    /// What the events come to: change sets and rules with their states.
    public func state() async throws -> ReviewState {
        guard try await table.exists() else { return ReviewState() }
        var rows: [[ColumnValue]] = []
        let snapshot = try await table.snapshot()
        for try await batch in try table.rows(of: snapshot, columns: Self.fields.map(\.name)) {
            for row in 0..<batch.rowCount { rows.append(batch.row(row)) }
        }
        func time(_ row: [ColumnValue]) -> Int64 { if case .timestamp(let time) = row[0] { time } else { 0 } }
        rows.sort { time($0) < time($1) }
        var state = ReviewState()
        for row in rows { try state.apply(row, at: time(row)) }
        return state
    }
}

/// Something that happened to a change set or a rule.
public struct ReviewEvent: Sendable {
    /// What happened.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A run staged a change set.
        case staged
        /// A change set came into the lake.
        case applied
        /// A change set was refused.
        case rejected
        /// A later change set took its place.
        case superseded
        /// A rule was made.
        case proposed
        /// A rule is to be applied from now on.
        case approved
        /// A rule's source row has changed.
        case stale
        /// A rule is to be applied no more.
        case retired
    }

    var kind: Kind
    var changeSet: StagedChangeSet?
    var rule: PatchRule?
    var by: String?
    var note: String?

    /// An event of a change set.
    public init(_ kind: Kind, _ changeSet: StagedChangeSet, by: String? = nil, note: String? = nil) {
        self.kind = kind
        self.changeSet = changeSet
        self.by = by
        self.note = note
    }

    /// An event of a rule.
    public init(_ kind: Kind, _ rule: PatchRule, by: String? = nil, note: String? = nil) {
        self.kind = kind
        self.rule = rule
        self.by = by
        self.note = note
    }

    fileprivate func row(at now: Int64) -> [ColumnValue] {
        func text(_ text: String?) -> ColumnValue { text.map { .string($0) } ?? .null }
        var body: String?
        if kind == .staged, let changeSet { body = changeSet.json }
        if kind == .proposed || kind == .approved, let rule { body = rule.json }
        return [
            .timestamp(now), .string(kind.rawValue), text(changeSet?.id), text(rule?.id),
            text(changeSet?.region ?? rule?.region), text(changeSet?.client ?? rule?.client),
            text(changeSet?.schema ?? rule?.schema), text(changeSet?.table ?? rule?.table), text(by),
            text(note),
            text(body),
        ]
    }
}

extension StagedChangeSet {
    fileprivate var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}
