import ColumnBatches

/// What a plan learns of the rows that it finds, for rules that keep them: which are marked or closed, and from when on
/// new versions may begin.
struct RuleState: Sendable {
    /// For each change the first instant at which another version of its key may begin.
    private var floors: [Int64]
    /// The changes whose version is closed, one for each row of the rule's own batch.
    private var closed: [Int] = []
    private let rule: WriteRule
    /// The number of the rule's own batch, after those of the changes.
    private let ownBatch: Int32

    init(_ rule: WriteRule, _ changes: ChangeSet) {
        self.rule = rule
        ownBatch = Int32(changes.batches.count)
        if case .history = rule {
            floors = Array(repeating: .min, count: changes.count)
        } else {
            floors = []
        }
    }

    /// The row of the rule's own batch that marks a row.
    var mark: ChangeSet.Location { ChangeSet.Location(batch: ownBatch, row: 0) }

    /// A version of the change's key that ended.
    mutating func ended(_ number: Int, at time: Int64) { floors[number] = max(floors[number], time) }

    /// The version of the change's key that holds began; it is to be closed.
    mutating func close(_ number: Int, began time: Int64) -> ChangeSet.Location {
        floors[number] = max(floors[number], time + 1)
        closed.append(number)
        return ChangeSet.Location(batch: ownBatch, row: Int32(closed.count - 1))
    }

    /// The number of keys whose version is closed because another one follows.
    func updatedCount(_ changes: ChangeSet) -> Int {
        Set(closed).count { !changes.locations[$0].isDeletion }
    }

    /// Gives changes the columns of the rule, and adds the batch of its own.
    func complete(_ changes: inout ChangeSet, fields: [Field]) {
        switch rule {
        case .append, .upsert(.drop): break
        case .upsert(.mark(let column, let time)):
            changes.batches.append(Self.batch(fields, count: 1) { $0 == column ? .timestamp(time) : .null })
        case .history(let rule): complete(&changes, fields, rule)
        }
    }

    private func complete(_ changes: inout ChangeSet, _ fields: [Field], _ rule: HistoryRule) {
        var starts = changes.batches.map { batch in begins(of: batch, rule) }
        var times = floors.map { max($0, rule.now) }
        for (number, location) in changes.locations.enumerated() where !location.isDeletion {
            let (batch, row) = (Int(location.batch), Int(location.row))
            if starts[batch][row] < floors[number] { starts[batch][row] = times[number] }
            times[number] = starts[batch][row]
        }
        for (index, batch) in changes.batches.enumerated() {
            changes.batches[index] = batch.with([
                rule.validFrom: Column(type: .timestamp, storage: .int64(starts[index])),
                rule.validTo: .nulls(.timestamp, count: batch.rowCount),
                rule.isCurrent: .repeating(.boolean(true), type: .boolean, count: batch.rowCount),
            ])
        }
        let ends = closed.map { times[$0] }
        let own = Self.batch(fields, count: ends.count) { $0 == rule.isCurrent ? .boolean(false) : .null }
        changes.batches.append(own.with([rule.validTo: Column(type: .timestamp, storage: .int64(ends))]))
    }

    /// When the rows of a batch changed, by themselves; where that is not known, when the source was read.
    private func begins(of batch: ColumnBatch, _ rule: HistoryRule) -> [Int64] {
        let column = rule.changedAt.flatMap { batch.column($0) }
        guard let column, column.type == .timestamp, case .int64(let times) = column.storage else {
            return Array(repeating: rule.now, count: batch.rowCount)
        }
        return times.indices.map { column.isNull($0) ? rule.now : times[$0] }
    }

    private static func batch(_ fields: [Field], count: Int, _ value: (String) -> ColumnValue) -> ColumnBatch
    {
        let columns = fields.map { Column.repeating(value($0.name), type: $0.type, count: count) }
        return ColumnBatch(schema: BatchSchema(fields), columns: columns, rowCount: count)
    }
}

extension ColumnBatch {
    /// The batch with some columns in place of those of their names.
    func with(_ columns: [String: Column]) -> ColumnBatch {
        ColumnBatch(
            schema: schema,
            columns: zip(schema.fields, self.columns).map { columns[$0.name] ?? $1 },
            rowCount: rowCount
        )
    }
}
