import ColumnBatches
import MergePlanning
public import StagedChanges

/// What must hold of a review rule before anybody approves it.
///
///     @Test("holds", arguments: PatchRuleContract.rules(on: mySample))
///     func holds(_ rule: ContractRule<PatchRule>) async throws {
///         try await rule.check(try PatchRule(json: myRule))
///     }
public enum PatchRuleContract {
    private typealias Rule = ContractRule<PatchRule>

    /// What must hold of a rule for rows of a sample.
    ///
    /// - Parameter sample: Changes of which the rule is to change some; those of a shop's orders unless given.
    /// - Returns: What must hold, each to be checked on the rule.
    public static func rules(on sample: ReviewSample = .orders) -> [ContractRule<PatchRule>] {
        fitting([sample]) + [
            Rule("it changes rows of the sample, and of these only the columns that it sets") { rule in
                let rows = arriving(sample)
                let patched = try apply(rule, to: rows, sample, batchRows: rows.count)
                try Rule.require(patched != rows, "none of \(rows.count) rows is changed")
                let names = Set(rule.set.keys.map { $0.lowercased() })
                for (before, after) in zip(rows, patched) {
                    for (index, field) in sample.fields.enumerated() where before[index] != after[index] {
                        try Rule.require(names.contains(field.name.lowercased()), "\(field.name) is changed")
                    }
                }
            }
        ]
    }

    /// What must hold of a rule that may have nothing to change in the samples.
    static func fitting(_ samples: [ReviewSample]) -> [ContractRule<PatchRule>] {
        [
            Rule("it reads back from its JSON as the same rule") { rule in
                let again = try PatchRule(json: rule.json)
                try Rule.require(again == rule, "\(rule.json) reads back as \(again.json)")
            },
            Rule("it fits the table: its columns are there, it sets no key, its values have their types") {
                rule in
                for sample in samples {
                    _ = try apply(rule, to: arriving(sample), sample, batchRows: 1000)
                }
            },
            Rule("it does the same to rows in batches of any size") { rule in
                for sample in samples {
                    let rows = arriving(sample)
                    let whole = try apply(rule, to: rows, sample, batchRows: max(rows.count, 1))
                    for size in [1, 2, 3] {
                        let parts = try apply(rule, to: rows, sample, batchRows: size)
                        try Rule.require(parts == whole, "in batches of \(size) it sets other values")
                    }
                }
            },
        ]
    }

    /// The rows that come into the lake.
    private static func arriving(_ sample: ReviewSample) -> [[ColumnValue]] {
        sample.changes.compactMap(\.after)
    }

    private static func apply(
        _ rule: PatchRule,
        to rows: [[ColumnValue]],
        _ sample: ReviewSample,
        batchRows: Int
    ) throws -> [[ColumnValue]] {
        var replay = try PatchReplay(rules: [rule], fields: sample.fields, keys: sample.keys)
        var arriving = sample
        arriving.changes = rows.map(ReviewSample.Change.insert)
        var patched: [[ColumnValue]] = []
        for batch in arriving.batches(of: max(batchRows, 1)) {
            let changed = try replay.apply(batch.after)
            for row in 0..<changed.rowCount { patched.append(changed.row(row)) }
        }
        return patched
    }
}
