import FoundationEssentials
public import SourceConnectors

/// Where a secret is; never the secret itself.
public enum SecretReference: Sendable, Hashable, CustomStringConvertible {
    /// An environment variable.
    case environment(String)
    /// A file, whose last line break is not part of the secret.
    case file(String)
    /// A name that the program's own provider knows.
    case provider(String)

    /// Fetches the secret.
    ///
    /// - Throws: `SyncError` that names the reference when there is nothing.
    public func resolve(
        environment: [String: String],
        provider: (any SecretProvider)? = nil
    ) throws(SyncError) -> String {
        switch self {
        case .environment(let name):
            guard let value = environment[name] else {
                throw missing("the environment variable \(name) is not set; set it, or refer to a file")
            }
            return value
        case .file(let path):
            guard var text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw missing(
                    "the file \(path) cannot be read; make it readable for this user, or refer to another"
                )
            }
            while text.hasSuffix("\n") || text.hasSuffix("\r") { text.removeLast() }
            return text
        case .provider(let name):
            guard let provider else {
                throw missing(
                    "the secret \(name) is a provider's, and this program has none; use \"env\" or \"file\""
                )
            }
            do {
                return try provider.secret(named: name)
            } catch {
                throw missing("the provider has no secret \(name): \(error)")
            }
        }
    }

    /// `env NAME`, `file PATH` or `provider NAME`.
    public var description: String {
        switch self {
        case .environment(let name): "env \(name)"
        case .file(let path): "file \(path)"
        case .provider(let name): "provider \(name)"
        }
    }

    private func missing(_ message: String) -> SyncError {
        SyncError(.missingSecret, step: "configuration", message: message)
    }
}
