/// Histories written by hand: the races that lose rows, each with its critical steps at every point of a run.
enum ScriptedHistories {
    private static let second: Int64 = 1_000_000

    private static func row(_ number: Int64, _ label: String) -> TestRow {
        TestRow(RowKey("a", number), label: label)
    }

    private static func steps(_ steps: [SourceStep]) -> [History.Event] { steps.map(History.Event.source) }

    /// `critical` happens at each point of a run in turn, between what comes before and after.
    private static func atEachPoint(
        _ before: [SourceStep],
        _ critical: [SourceStep],
        _ after: [History.Event]
    ) -> [History] {
        (0..<9).map { point in
            let pauses = [History.Event](repeating: .goOn, count: point)
            return History(events: steps(before) + [.run] + pauses + steps(critical) + after)
        }
    }

    private static let base: [SourceStep] = [
        .put(nil, [row(1, "one"), row(2, "two"), row(3, "three")]), .pass(10 * second),
    ]

    /// A row is written, time passes, a run reads, and only then the row is committed.
    static let lateCommit = atEachPoint(
        base + [.begin(0), .put(0, [row(4, "late"), row(1, "late")]), .pass(30 * second)],
        [.commit(0)],
        [.run, .source(.pass(30 * second)), .run]
    )

    /// Rows of one instant come before and after a run.
    static let ties = atEachPoint(
        base + [.put(nil, [row(5, "tie"), row(6, "tie")])],
        [.put(nil, [row(7, "tie"), row(5, "tie again")])],
        steps([.put(nil, [row(8, "tie")]), .pass(1)]) + [.run, .source(.pass(second)), .run]
    )

    /// A row that a run would read later moves ahead of where it reads.
    static let movesAhead = atEachPoint(
        base,
        [.put(nil, [row(1, "moved")]), .pass(second), .put(nil, [row(2, "moved")])],
        [.run]
    )

    /// A row with an early cursor is committed after rows with later ones were read.
    static let earlierThanMax = atEachPoint(
        base + [
            .begin(0), .put(0, [row(4, "early")]), .pass(second), .put(nil, [row(5, "later")]), .pass(1),
        ],
        [.commit(0), .put(nil, [row(6, "latest")])],
        [.source(.pass(20 * second)), .run]
    )

    /// A transaction stays open, idle, over several runs.
    static let idleTransaction = atEachPoint(
        base + [.begin(0), .put(0, [row(4, "idle")])],
        [.pass(100 * second), .put(nil, [row(5, "other")])],
        [.run, .source(.pass(100 * second)), .run, .source(.commit(0)), .source(.pass(second)), .run]
    )

    /// A statement has its time, waits for a lock or works for long, and writes after runs have read.
    static let lateStatement = [0, 1].flatMap { id in
        atEachPoint(
            base + [.begin(id), .beginLong(id, [row(4, "long"), row(1, "long")]), .pass(30 * second)],
            [.endLong(id)],
            [.run, .source(.pass(30 * second)), .source(.commit(id)), .run]
        )
    }

    /// A later version hides a row from an uncommitted read, and is then taken back.
    static let rollbacks =
        atEachPoint(
            base + [
                .begin(0), .put(0, [row(4, "kept")]), .savepoint(0), .pass(9 * second),
                .put(0, [row(4, "gone")]),
            ],
            [.rollbackToSavepoint(0)],
            [.source(.pass(30 * second)), .run, .source(.commit(0)), .source(.pass(second)), .run]
        ) + atEachPoint(base + [.begin(0), .put(0, [row(4, "gone")])], [.rollback(0)], [.run])

    /// Wall clocks go back an hour, as at the end of summer time, while rows are written.
    static let fold = atEachPoint(
        base + [.put(nil, [row(4, "before")])],
        [.shiftZone(-3600 * second), .put(nil, [row(5, "in the second hour")])],
        [.source(.pass(600 * second)), .source(.put(nil, [row(4, "after")])), .run]
    )

    /// A key changes in part, so that a merge by a part of it would mix rows up.
    static let keyParts = [
        History(
            events: steps([
                .put(
                    nil,
                    [
                        TestRow(RowKey("a", 1), label: "a1"), TestRow(RowKey("b", 1), label: "b1"),
                        TestRow(RowKey("a", 2), label: "a2"), TestRow(RowKey("b", 2), label: "b2"),
                    ]
                ), .pass(second),
            ]) + [.run]
                + steps([
                    .put(nil, [TestRow(RowKey("a", 1), label: "A1"), TestRow(RowKey("b", 2), label: "B2")]),
                    .pass(second),
                ]) + [.run]
        )
    ]

    /// Rows without cursor come between runs.
    static let withoutCursor = atEachPoint(
        base,
        [.put(nil, [TestRow(RowKey("a", 9), label: "none", hasCursor: false)]), .pass(second)],
        [.run, .source(.pass(7200 * second)), .run]
    )
}
