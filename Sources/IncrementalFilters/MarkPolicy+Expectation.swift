internal import ColumnBatches

/// What the marks of a table will be worth, and why.
public struct MarkExpectation: Sendable, Hashable {
    /// The guarantee of every mark but the first.
    public var guarantee: MarkGuarantee
    /// Why it is not `proven`, or what it rests on; one sentence each, without a full stop.
    public var reasons: [String]

    /// Makes an expectation.
    public init(guarantee: MarkGuarantee, reasons: [String]) {
        self.guarantee = guarantee
        self.reasons = reasons
    }
}

extension MarkPolicy {
    /// What the marks of a cursor will be worth on a server with some limitations.
    public func expectation(for cursor: Cursor, limitations: [String]) -> MarkExpectation {
        if cursor.isCounter { return counterExpectation(for: cursor, limitations: limitations) }
        if cursor.expression != nil {
            return MarkExpectation(
                guarantee: .digestOnly,
                reasons: [
                    "the cursor \(cursor.name) is an expression: nothing tells that it changes whenever a row does, and no index "
                        + "serves it; a column that the server sets on every insert and update, with an index, proves marks"
                ]
            )
        }
        if !cursor.isIndexed || !cursor.isServerSet {
            var reasons: [String] = []
            if !cursor.isServerSet {
                reasons.append(
                    "the server does not set \(cursor.name) on every insert and update; declare it DEFAULT "
                        + "CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"
                )
            }
            if !cursor.isIndexed {
                reasons.append(
                    "no index starts with \(cursor.name); rows in flight cannot be looked for, and each run "
                        + "scans the table"
                )
            }
            return MarkExpectation(guarantee: .digestOnly, reasons: reasons)
        }
        if !limitations.isEmpty {
            let seconds = assumedLongestStatement.components.seconds
            return MarkExpectation(
                guarantee: .bounded(assumedLongestStatement),
                reasons: limitations + [
                    "no row is lost as long as no statement or transaction takes over \(seconds) s"
                ]
            )
        }
        if cursor.type == .timestampNTZ {
            return MarkExpectation(
                guarantee: .bounded(wallClockReach),
                reasons: [
                    "\(cursor.name) is a wall clock of the writers' time zones; marks stay "
                        + "\(wallClockReach.components.seconds / 3600) hours behind. A TIMESTAMP would prove them"
                ]
            )
        }
        return MarkExpectation(
            guarantee: .proven,
            reasons: [
                "the server sets \(cursor.name), an index starts with it, and all four signals can be read"
            ]
        )
    }
}
