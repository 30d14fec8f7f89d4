import ConnectorTestKit
import SourceConnectors
import Testing

@Suite("the contract of secret providers") struct SecretContractTests {
    static let secrets = ["eu": "correct horse", "us/shop": "battery staple"]

    struct NoSuchSecret: Error {
        var text: String
    }

    /// Holds secrets in a closure, so that nothing that prints the provider shows them.
    struct Vault: SecretProvider {
        let find: @Sendable (String) throws -> String

        func secret(named name: String) throws -> String { try find(name) }
    }

    /// Holds secrets where whoever prints it sees them.
    struct OpenVault: SecretProvider {
        let secrets: [String: String]

        func secret(named name: String) throws -> String {
            guard let secret = secrets[name] else { throw NoSuchSecret(text: name) }
            return secret
        }
    }

    private static func vault(_ change: @escaping @Sendable (String) -> String = { $0 }) -> Vault {
        Vault { name in
            guard let secret = secrets[change(name)] else { throw NoSuchSecret(text: name) }
            return secret
        }
    }

    @Test("a provider holds it", arguments: SecretProviderContract.rules(knowing: secrets))
    func holds(_ rule: ContractRule<any SecretProvider>) async throws {
        try await rule.check(Self.vault())
    }

    @Test("providers that do not hold it are found")
    func findsMistakes() async {
        let wrong: [any SecretProvider] = [
            OpenVault(secrets: Self.secrets), Vault { Self.secrets[$0] ?? "" },
            Self.vault { $0.lowercased() },
            Vault { _ in throw NoSuchSecret(text: "known are \(Self.secrets)") },
            Vault { "the secret of \($0)" },
        ]
        for provider in wrong {
            var found = 0
            for rule in SecretProviderContract.rules(knowing: Self.secrets) {
                do { try await rule.check(provider) } catch { found += 1 }
            }
            #expect(found > 0)
        }
    }
}
