import MergePlanning
public import StagedChanges

/// What pipelines rely on in a reviewer, who decides about change sets as runs stage them.
///
///     @Test("holds", arguments: ReviewerContract.rules(about: [mySample]))
///     func holds(_ rule: ContractRule<any ChangeReviewer>) async throws {
///         try await rule.check(MyReviewer())
///     }
public enum ReviewerContract {
    private typealias Rule = ContractRule<any ChangeReviewer>

    /// The rules, each to be checked on a new reviewer.
    ///
    /// - Parameter samples: Changes that the reviewer knows what to do with; those of a shop's orders unless given.
    /// - Returns: The rules.
    public static func rules(about samples: [ReviewSample] = [.orders]) -> [ContractRule<any ChangeReviewer>]
    {
        decisions(samples) + approvals(samples) + failures(samples)
    }

    private static func decisions(_ samples: [ReviewSample]) -> [Rule] {
        [
            Rule("the same changes get the same decision, however often they are staged") { reviewer in
                for sample in samples {
                    let first = try await decide(reviewer, sample)
                    for _ in 0..<3 { try same(try await decide(reviewer, sample), first, "asked again") }
                }
            },
            Rule("batches of rows may have any size and come in any order") { reviewer in
                for sample in samples {
                    let first = try await decide(reviewer, sample)
                    for size in [1, 2, 3, 1000] {
                        let again = try await decide(reviewer, sample, batchRows: size)
                        try same(again, first, "with batches of \(size)")
                        let reversed = try await decide(reviewer, sample, batchRows: size, isReversed: true)
                        try same(reversed, first, "with batches of \(size) in reverse order")
                    }
                }
            },
            Rule("first loads, updates alone and deletions alone get a decision, too") { reviewer in
                for sample in samples {
                    for part in [
                        sample.with([.insert], isFirstLoad: true), sample.with([.update]),
                        sample.with([.delete]),
                    ] where !part.changes.isEmpty {
                        let first = try await decide(reviewer, part)
                        try same(try await decide(reviewer, part, batchRows: 1), first, "row by row")
                    }
                }
            },
            Rule("asked about many clients at once, it decides about each as it does alone") { reviewer in
                for sample in samples {
                    let clients = (0..<6).map { number in
                        var other = sample
                        other.client = "\(number)"
                        if number % 2 == 1 && other.changes.count > 1 { other.changes.removeLast() }
                        return other
                    }
                    var alone: [Verdict] = []
                    for client in clients { alone.append(try await decide(reviewer, client)) }
                    let wanted = alone
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for (number, client) in clients.enumerated() {
                            group.addTask {
                                let told = try await decide(reviewer, client, batchRows: 1)
                                try same(told, wanted[number], "beside others, client \(number)")
                            }
                        }
                        try await group.waitForAll()
                    }
                }
            },
        ]
    }

    private static func approvals(_ samples: [ReviewSample]) -> [Rule] {
        [
            Rule("rules that come with an approval are about the table, fit it, and read back") { reviewer in
                for sample in samples {
                    guard case .approve(let rules) = try await decide(reviewer, sample) else { continue }
                    for rule in rules {
                        try Rule.require(
                            rule.schema == sample.schema && rule.table == sample.table
                                && rule.concerns(region: sample.region, client: sample.client),
                            "rule \(rule.id) is about \(rule.region ?? "all")/\(rule.client ?? "all") "
                                + "\(rule.schema).\(rule.table)"
                        )
                        for contract in PatchRuleContract.fitting([sample]) { try await contract.check(rule) }
                    }
                    try Rule.require(
                        Set(rules.map(\.id)).count == rules.count,
                        "rules of one approval have the same name: \(rules.map(\.id))"
                    )
                }
            }
        ]
    }

    private static func failures(_ samples: [ReviewSample]) -> [Rule] {
        [
            Rule("changes that cannot be read are not approved") { reviewer in
                for sample in samples {
                    for readable in 0..<min(sample.changes.count, 3) {
                        let show = Showing(
                            batches: Array(sample.batches(of: 1).prefix(readable)),
                            failure: Unreadable()
                        )
                        guard let told = try? await show.decision(of: reviewer, sample) else { continue }
                        guard case .approve = told, show.hasFailed else { continue }
                        throw ConformanceFailure(
                            "the stage broke after \(readable) rows, and the changes were approved"
                        )
                    }
                }
            },
            Rule("a task that is cancelled gets its decision, a refusal or an error, and ends") { reviewer in
                for sample in samples {
                    let calm = try await decide(reviewer, sample)
                    let asking = Task { try await decide(reviewer, sample, batchRows: 1) }
                    asking.cancel()
                    guard case .success(let told) = await asking.result, case .approve = told else {
                        continue
                    }
                    try same(told, calm, "when it is cancelled")
                }
            },
        ]
    }

    /// A decision that can be compared: names of rules are drawn by lot, and notes are for people.
    private enum Verdict: Sendable, Hashable {
        case approve([PatchRule])
        case reject
        case wait

        init(_ decision: ReviewDecision) {
            switch decision {
            case .approve(let rules, _): self = .approve(rules)
            case .reject: self = .reject
            case .wait: self = .wait
            }
        }

        /// The decision without what may differ from time to time.
        var comparable: Verdict {
            guard case .approve(let rules) = self else { return self }
            return .approve(
                rules.map { rule in
                    var rule = rule
                    rule.id = ""
                    rule.note = nil
                    return rule
                }
            )
        }

        var name: String {
            switch self {
            case .approve(let rules): "approve with \(rules.count) rules"
            case .reject: "reject"
            case .wait: "wait"
            }
        }
    }

    private struct Unreadable: Error {}

    /// Shows rows to a reviewer, and breaks after them where it is to.
    private final class Showing {
        private let batches: [StagedRows]
        private let failure: Unreadable?
        private(set) var hasFailed = false

        init(batches: [StagedRows], failure: Unreadable? = nil) {
            self.batches = batches
            self.failure = failure
        }

        func decision(of reviewer: any ChangeReviewer, _ sample: ReviewSample) async throws -> Verdict {
            let decision = try await reviewer.review(sample.changeSet) { body in
                for batch in self.batches { guard try await body(batch) else { return } }
                if let failure = self.failure {
                    self.hasFailed = true
                    throw failure
                }
            }
            return Verdict(decision)
        }
    }

    private static func decide(
        _ reviewer: any ChangeReviewer,
        _ sample: ReviewSample,
        batchRows: Int = 4,
        isReversed: Bool = false
    ) async throws -> Verdict {
        let batches = sample.batches(of: batchRows)
        return try await Showing(batches: isReversed ? batches.reversed() : batches)
            .decision(of: reviewer, sample)
    }

    private static func same(_ told: Verdict, _ wanted: Verdict, _ when: String) throws {
        try Rule.require(
            told.comparable == wanted.comparable,
            "the decision was \(wanted.name); \(when) it is \(told.name)"
        )
    }
}
