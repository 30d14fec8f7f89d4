/// Finds secrets by name, such as by asking a vault.
///
///     struct Vault: SecretProvider {
///         func secret(named name: String) throws -> String { … }
///     }
public protocol SecretProvider: Sendable {
    /// The secret of a name; called at each connect, on a thread that may block.
    ///
    /// - Throws: An error whose text may be shown, and so must not contain a secret.
    func secret(named name: String) throws -> String
}
