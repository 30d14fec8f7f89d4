#if MariaDB
import FoundationEssentials
public import SourceConnectors

/// Where a password comes from; it is asked for at every connect and never shown.
public struct MariaDBPassword: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    private let provider: @Sendable () throws -> String

    private init(_ provider: @escaping @Sendable () throws -> String) {
        self.provider = provider
    }

    /// No password, as for an account that the server knows by its socket.
    public static let none = MariaDBPassword { "" }

    /// A password that a function finds, such as one that asks a vault.
    public static func provider(_ provider: @escaping @Sendable () throws -> String) -> MariaDBPassword {
        MariaDBPassword(provider)
    }

    /// A secret that a provider knows by name.
    public static func named(_ name: String, from provider: some SecretProvider) -> MariaDBPassword {
        MariaDBPassword { try provider.secret(named: name) }
    }

    /// The value of an environment variable.
    public static func environment(_ variable: String) -> MariaDBPassword {
        MariaDBPassword {
            guard let value = ProcessInfo.processInfo.environment[variable] else {
                throw SourceError(
                    .invalid,
                    message: "the environment variable \(variable), which shall hold a password, is not set"
                )
            }
            return value
        }
    }

    /// The content of a file, without the line break at its end.
    public static func file(_ path: String) -> MariaDBPassword {
        MariaDBPassword {
            guard let content = FileManager.default.contents(atPath: path) else {
                throw SourceError(.invalid, message: "the password file \(path) cannot be read")
            }
            var bytes = [UInt8](content)
            while let last = bytes.last, last == 10 || last == 13 { bytes.removeLast() }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// A text, for tests; programs should prefer a reference.
    public static func literal(_ password: String) -> MariaDBPassword {
        MariaDBPassword { password }
    }

    func resolve() throws -> String { try provider() }

    /// Never the password.
    public var description: String { "<password>" }

    /// Never the password.
    public var debugDescription: String { description }
}
#endif
