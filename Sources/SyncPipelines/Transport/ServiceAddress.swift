import FoundationEssentials

/// The address of a service, with what it may be: encrypted, or on this machine.
struct ServiceAddress: Sendable, Hashable {
    /// The whole address.
    let text: String
    /// Scheme, host and port: what may get the same secrets.
    let origin: String
    private let url: URL

    /// Takes an address apart; nil when it is none, or would cross a network in the clear, or holds a password.
    init?(_ text: String) {
        guard let url = URL(string: text) else { return nil }
        self.init(url)
    }

    private init?(_ url: URL) {
        guard let scheme = url.scheme?.lowercased(), let host = url.host()?.lowercased(), !host.isEmpty,
            url.user() == nil, url.password() == nil
        else { return nil }
        let isLocal = ["127.0.0.1", "localhost", "::1", "[::1]"].contains(host)
        guard scheme == "https" || scheme == "http" && isLocal else { return nil }
        self.url = url
        text = url.absoluteString
        origin = "\(scheme)://\(host):\(url.port ?? (scheme == "https" ? 443 : 80))"
    }

    /// An address that this one refers to, whole or relative; nil when it leads to another origin.
    func following(_ reference: String) -> ServiceAddress? {
        guard let next = URL(string: reference, relativeTo: url).flatMap({ ServiceAddress($0.absoluteURL) }),
            next.origin == origin
        else { return nil }
        return next
    }

    /// What a configuration is told about an address that is refused.
    static let advice =
        "is no address that is safe: write \"https://…\", without user and password; \"http://\" is for this machine alone"
}
