import DeltaLog
import Testing

@Suite("Histories of concurrent transactions") struct HistoryModelTests {
    static let histories: UInt64 = 10_000
    static let steps = 24

    /// The first seed whose history no serial one equals.
    static func violation(_ check: @escaping HistoryModel.Check) -> UInt64? {
        (0..<histories).first { seed in
            var model = HistoryModel(seed: seed, check: check)
            return !model.isSerial(steps: steps)
        }
    }

    static func rules(_ readSet: ReadSet, _ actions: [Action], _ winner: Commit, _ metadata: TableMetadata)
        -> ConflictKind?
    {
        ConflictCheck.conflict(
            readSet: readSet,
            actions: actions,
            winner: winner,
            protocol: ConflictCheckTests.oldProtocol,
            metadata: metadata
        )
    }

    @Test("every history equals a serial one")
    func serial() {
        let seed = Self.violation(Self.rules)
        #expect(seed == nil, "seed \(seed ?? 0)")
    }

    @Test(
        "a rule that is left out is found",
        arguments: [ConflictKind.concurrentAppend, .concurrentDeleteRead, .metadataChanged]
    )
    func planted(rule: ConflictKind) {
        let seed = Self.violation { readSet, actions, winner, metadata in
            let found = Self.rules(readSet, actions, winner, metadata)
            return found == rule ? nil : found
        }
        #expect(seed != nil)
    }
}
