import ColumnBatches
import ConnectorTestKit
import StagedChanges
import Synchronization
import Testing

@Suite("contracts of reviewers and review rules") struct ReviewContractTests {
    /// Approves with a rule, unless a row costs too much.
    private static let careful = ClosureReviewer { set, rows in
        guard set.deletedCount < 100 else { return .wait }
        var isDear = false
        try await rows { batch in
            for row in 0..<batch.after.rowCount {
                if case .integer(let amount)? = batch.after.column("amount")?[row], amount == 999 {
                    isDear = true
                }
            }
            return !isDear
        }
        if isDear { return .reject(reason: "an order costs too much") }
        var rule = PatchRule(schema: set.schema, table: set.table)
        rule.target = .matching([PatchCondition("status", .equal, [.string("piad")])])
        rule.set = ["status": .value(.string("paid"))]
        return .approve(rules: [rule])
    }

    @Test("a closure that looks at the rows holds", arguments: ReviewerContract.rules())
    func closure(_ rule: ContractRule<any ChangeReviewer>) async throws {
        try await rule.check(Self.careful)
    }

    @Test("one that leaves everything to people holds", arguments: ReviewerContract.rules())
    func waiting(_ rule: ContractRule<any ChangeReviewer>) async throws {
        try await rule.check(ClosureReviewer { _, _ in .wait })
    }

    /// What reviewers get wrong, and words of the rule that must find it.
    enum Mistake: String, CaseIterable, Sendable {
        case decidesByLot, looksAtTheFirstBatch, cannotTakeDeletions, remembersTheLastClient
        case setsTheKey, makesRulesOfOtherTables, givesRulesOneName, approvesWhatItCannotRead

        var words: String {
            switch self {
            case .decidesByLot: "the same changes get the same decision"
            case .looksAtTheFirstBatch: "any size"
            case .cannotTakeDeletions: "deletions alone"
            case .remembersTheLastClient: "the same changes get the same decision"
            case .setsTheKey, .makesRulesOfOtherTables, .givesRulesOneName: "come with an approval"
            case .approvesWhatItCannotRead: "cannot be read"
            }
        }

        var reviewer: ClosureReviewer {
            let asked = Mutex(0)
            return ClosureReviewer { set, rows in
                var rule = PatchRule(schema: set.schema, table: set.table)
                rule.set = ["status": .value(.string("paid"))]
                switch self {
                case .decidesByLot:
                    return asked.withLock { count in
                        count += 1
                        return count % 2 == 0 ? .wait : .approve()
                    }
                case .looksAtTheFirstBatch:
                    var count = 0
                    try await rows { batch in
                        count = batch.kinds.count
                        return false
                    }
                    return count > 2 ? .wait : .approve()
                case .cannotTakeDeletions:
                    guard set.insertedCount + set.updatedCount > 0 else { throw ConnectorlessError() }
                    return .approve()
                case .remembersTheLastClient:
                    return asked.withLock { last in
                        defer { last = set.changeCount }
                        return last == set.changeCount ? .approve() : .wait
                    }
                case .setsTheKey:
                    rule.set = ["id": .value(.integer(1))]
                    return .approve(rules: [rule])
                case .makesRulesOfOtherTables:
                    rule.table += "_archive"
                    return .approve(rules: [rule])
                case .givesRulesOneName: return .approve(rules: [rule, rule])
                case .approvesWhatItCannotRead:
                    try? await rows { _ in true }
                    return .approve()
                }
            }
        }
    }

    struct ConnectorlessError: Error {}

    @Test("what a reviewer gets wrong is found by the rule that says so", arguments: Mistake.allCases)
    func mistake(_ mistake: Mistake) async throws {
        let rule = try #require(ReviewerContract.rules().first { $0.title.contains(mistake.words) })
        await #expect(throws: ConformanceFailure.self) { try await rule.check(mistake.reviewer) }
    }

    private static func rule(_ json: String) throws -> PatchRule { try PatchRule(json: json) }

    @Test("a rule that fits holds", arguments: PatchRuleContract.rules())
    func fits(_ contract: ContractRule<PatchRule>) async throws {
        try await contract.check(
            Self.rule(
                #"{"table": "shop.orders", "where": [{"column": "status", "op": "is not null"}], "#
                    + #""set": {"status": {"lower": {"trim": {"column": "status"}}}}}"#
            )
        )
    }

    @Test(
        "a rule that does not fit is found",
        arguments: [
            (#""where": [], "set": {"id": 5}"#, "fits the table"),
            (#""where": [], "set": {"state": "paid"}"#, "fits the table"),
            (#""where": [], "set": {"amount": "much"}"#, "fits the table"),
            (
                #""where": [{"column": "status", "op": "=", "value": "none"}], "set": {"status": "x"}"#,
                "changes rows"
            ),
        ]
    )
    func wrongRule(_ members: String, _ words: String) async throws {
        let contract = try #require(PatchRuleContract.rules().first { $0.title.contains(words) })
        let rule = try Self.rule(#"{"table": "shop.orders", \#(members)}"#)
        await #expect(throws: ConformanceFailure.self) { try await contract.check(rule) }
    }
}
