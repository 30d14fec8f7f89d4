/// What is to become of a change set.
public enum ReviewDecision: Sendable {
    /// It comes into the lake, with these rules applied to it and to all later reads.
    case approve(rules: [PatchRule] = [], note: String? = nil)
    /// It does not come into the lake; the mark stays.
    case reject(reason: String)
    /// It waits for somebody else.
    case wait
}

/// Decides about change sets as runs stage them, in the program that runs the pipeline.
///
///     pipeline.reviewer = .deciding { set, rows in
///         set.deletedCount > 100 ? .wait : .approve()
///     }
public protocol ChangeReviewer: Sendable {
    /// Decides about a change set.
    ///
    /// - Parameters:
    ///   - changeSet: The change set: which client, how many rows, which mark.
    ///   - rows: Shows its rows, batch by batch, until the closure returns false.
    /// - Returns: What is to become of it.
    /// - Throws: Whatever; the change set then waits, and the task reports the error.
    func review(
        _ changeSet: StagedChangeSet,
        rows: (_ body: (StagedRows) async throws -> Bool) async throws -> Void
    ) async throws -> ReviewDecision
}

/// A reviewer made of a closure.
public struct ClosureReviewer: ChangeReviewer {
    /// Decides about a change set whose rows it can look at.
    public typealias Decide =
        @Sendable (
            _ changeSet: StagedChangeSet,
            _ rows: (_ body: (StagedRows) async throws -> Bool) async throws -> Void
        ) async throws -> ReviewDecision

    private let decide: Decide

    /// Makes a reviewer.
    public init(_ decide: @escaping Decide) {
        self.decide = decide
    }

    /// Asks the closure.
    public func review(
        _ changeSet: StagedChangeSet,
        rows: (_ body: (StagedRows) async throws -> Bool) async throws -> Void
    ) async throws -> ReviewDecision {
        try await decide(changeSet, rows)
    }
}

extension ChangeReviewer where Self == ClosureReviewer {
    /// A reviewer made of a closure.
    public static func deciding(_ decide: @escaping ClosureReviewer.Decide) -> ClosureReviewer {
        ClosureReviewer(decide)
    }
}
