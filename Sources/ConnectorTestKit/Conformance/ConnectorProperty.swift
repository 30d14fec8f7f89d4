/// Something that must hold for every connector, and how to find out.
///
/// Swift Testing takes properties as arguments of a test, so that each is a test case with a name of its own.
public struct ConnectorProperty<Bed: ConnectorTestBed>: Sendable, Identifiable, CustomStringConvertible {
    /// The property's number: `K24`.
    public let id: String
    /// What must hold, in words.
    public let title: String
    /// Why a connector need not have the property, or nil when it must.
    let excuse: @Sendable (ConnectorCapabilities) -> String?
    let check: @Sendable (ConformanceRun<Bed>) async throws -> Void

    init(
        _ id: String,
        _ title: String,
        unless excuse: @escaping @Sendable (ConnectorCapabilities) -> String? = { _ in nil },
        check: @escaping @Sendable (ConformanceRun<Bed>) async throws -> Void
    ) {
        self.id = id
        self.title = title
        self.excuse = excuse
        self.check = check
    }

    /// The number and the words.
    public var description: String { "\(id) \(title)" }
}

extension ConnectorCapabilities {
    /// Why properties that change rows do not apply.
    var unlessMutable: String? { mutation == .none ? "the test bed does not change its source" : nil }

    /// Why properties about transactions do not apply.
    var unlessTransactional: String? {
        mutation < .transactions ? "the source has no transactions that the test bed can steer" : nil
    }

    /// Why properties about cursors do not apply.
    var unlessCursor: String? { cursor == nil ? "tables have no cursor" : nil }
}
