public import SourceConnectors

/// What the author of a connector writes to have it tested: how to make a source for a check.
///
/// Each check asks for a fixture of its own, so that checks may run beside each other.
public protocol ConnectorTestBed: Sendable {
    /// A source that was made for one check.
    associatedtype Fixture: SourceFixture

    /// The connector's name, for the conformance card.
    var name: String { get }

    /// What the connector and its sources can do.
    var capabilities: ConnectorCapabilities { get }

    /// Makes a source that holds an empty table as described, runs the body, and removes the source.
    ///
    /// A test bed without mutation gives the table the rows that its fixture's `contents` tell.
    func withFixture<Result: Sendable>(
        _ table: TestTable,
        _ body: (Fixture) async throws -> Result
    ) async throws -> Result

    /// Connectors that cannot work, and the error that each must give; by default none.
    func brokenConnectors() -> [BrokenConnector<Fixture.Connector>]

    /// Texts that are secret in the connectors of this test bed, the broken ones included; by default none.
    var secrets: [String] { get }
}

extension ConnectorTestBed {
    /// None.
    public func brokenConnectors() -> [BrokenConnector<Fixture.Connector>] { [] }

    /// None.
    public var secrets: [String] { [] }
}

/// A source for one check, and the means to change it.
public protocol SourceFixture: Sendable {
    /// The kind of connector under test.
    associatedtype Connector: SourceConnector

    /// The connector, set up to read this source.
    var connector: Connector { get }

    /// The source, as the connector knows it.
    var source: Source { get }

    /// Carries a step out.
    ///
    /// - Throws: `StepRefused` when the source does not take the step.
    func perform(_ step: SourceStep) async throws

    /// The committed rows, found without the connector.
    func contents() async throws -> [StoredRow]

    /// Changes the table's columns, while no transaction is open.
    ///
    /// - Throws: `StepRefused` when the source does not take the change.
    func change(_ change: TableChange) async throws

    /// Adds a column of a type that the connector does not map, after the others; every row lacks it.
    ///
    /// - Returns: The column's name, or nil when the source has no such type.
    func addUnmappedColumn() async throws -> String?

    /// Makes something go wrong, once.
    func inject(_ fault: SourceFault) async throws

    /// How many rows sources have handed to the connector so far, or nil when nobody counts.
    func rowsHandedOut() async -> Int?

    /// How many sessions are open now, or nil when nobody counts.
    func openSessions() async -> Int?
}

extension SourceFixture {
    /// Refuses every step.
    public func perform(_ step: SourceStep) async throws { throw StepRefused() }

    /// Refuses every change.
    public func change(_ change: TableChange) async throws { throw StepRefused() }

    /// There is no such type.
    public func addUnmappedColumn() async throws -> String? { nil }

    /// Does nothing.
    public func inject(_ fault: SourceFault) async throws {}

    /// Not counted.
    public func rowsHandedOut() async -> Int? { nil }

    /// Not counted.
    public func openSessions() async -> Int? { nil }
}

/// A connector that cannot work, such as one with a wrong password.
public struct BrokenConnector<Connector: SourceConnector>: Sendable {
    /// What is wrong: `wrong password`.
    public var name: String
    /// The connector.
    public var connector: Connector
    /// The source to ask for.
    public var source: Source
    /// The kind of error that it must give.
    public var code: SourceError.Code

    /// Describes a broken connector.
    public init(_ name: String, connector: Connector, source: Source, code: SourceError.Code) {
        self.name = name
        self.connector = connector
        self.source = source
        self.code = code
    }
}
