import ColumnBatches
import IncrementalFilters
import SourceConnectors
import Testing

@Suite("MarkPolicy.expectation")
struct MarkExpectationTests {
    private func cursor(_ type: ColumnType, indexed: Bool = true, serverSet: Bool = true) -> Cursor {
        Cursor(
            CursorCandidate(
                column: "u",
                type: type,
                fractionalDigits: 6,
                isIndexed: indexed,
                isServerSet: serverSet
            )
        )
    }

    @Test(
        "what is expected is what a mark that follows another is worth",
        arguments: [
            (ColumnType.timestamp, true, true, [], MarkGuarantee.proven),
            (.timestamp, false, true, [], .digestOnly), (.timestamp, true, false, [], .digestOnly),
            (.timestamp, true, true, ["a replica"], .bounded(.seconds(3600))),
            (.timestampNTZ, true, true, [], .bounded(.seconds(43_200))),
        ] as [(ColumnType, Bool, Bool, [String], MarkGuarantee)]
    )
    func expectation(
        type: ColumnType,
        indexed: Bool,
        serverSet: Bool,
        limitations: [String],
        guarantee: MarkGuarantee
    ) {
        let cursor = cursor(type, indexed: indexed, serverSet: serverSet)
        let policy = MarkPolicy()
        let expected = policy.expectation(for: cursor, limitations: limitations)
        #expect(expected.guarantee == guarantee && !expected.reasons.isEmpty)
        let mark = policy.decide(
            previous: Mark(value: 1, guarantee: .proven),
            signals: MarkSignals(now: 1_700_000_000_000_000, limitations: limitations),
            inFlight: nil,
            cursor: cursor
        )
        #expect(mark.guarantee == guarantee)
    }
}
