import FoundationEssentials

/// Where a secret is; never the secret itself.
public enum SecretReference: Sendable, Hashable, CustomStringConvertible {
    /// An environment variable.
    case environment(String)
    /// A file, whose last line break is not part of the secret.
    case file(String)

    /// Fetches the secret.
    ///
    /// - Throws: `SyncError` that names the reference when there is nothing.
    public func resolve(environment: [String: String]) throws(SyncError) -> String {
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
        }
    }

    /// `env NAME` or `file PATH`.
    public var description: String {
        switch self {
        case .environment(let name): "env \(name)"
        case .file(let path): "file \(path)"
        }
    }

    private func missing(_ message: String) -> SyncError {
        SyncError(.missingSecret, step: "configuration", message: message)
    }
}
