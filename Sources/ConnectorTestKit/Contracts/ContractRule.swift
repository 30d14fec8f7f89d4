/// Something that every implementation of a protocol must hold, and how to find out.
///
///     @Test("holds", arguments: ObjectStoreContract.rules)
///     func holds(_ rule: ContractRule<any ObjectStore>) async throws {
///         try await rule.check(MyStore())
///     }
public struct ContractRule<Subject: Sendable>: Sendable, Identifiable, CustomStringConvertible {
    /// What must hold, in words.
    public let title: String
    private let body: @Sendable (Subject) async throws -> Void

    init(_ title: String, _ body: @escaping @Sendable (Subject) async throws -> Void) {
        self.title = title
        self.body = body
    }

    /// The title.
    public var id: String { title }

    /// The title.
    public var description: String { title }

    /// Finds out whether the rule holds for a new, empty subject.
    ///
    /// - Throws: `ConformanceFailure` when it does not.
    public func check(_ subject: Subject) async throws {
        do {
            try await body(subject)
        } catch {
            var failure = error as? ConformanceFailure ?? ConformanceFailure("an error came up: \(error)")
            failure.property = "rule"
            failure.title = title
            throw failure
        }
    }

    static func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
        guard condition else { throw ConformanceFailure(message()) }
    }
}
