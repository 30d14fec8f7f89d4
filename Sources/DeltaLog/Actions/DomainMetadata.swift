/// Settings under a name; names that begin with `delta.` belong to features of the format.
public struct DomainMetadata: Sendable, Hashable {
    /// The name.
    public var domain: String
    /// The settings, in a form of the domain's own.
    public var configuration: String
    /// Whether the settings are gone.
    public var isRemoved: Bool

    /// Makes an action.
    public init(domain: String, configuration: String, isRemoved: Bool = false) {
        self.domain = domain
        self.configuration = configuration
        self.isRemoved = isRemoved
    }
}
