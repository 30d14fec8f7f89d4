public import SourceConnectors

/// What connections rely on in a provider of secrets.
///
///     @Test("holds", arguments: SecretProviderContract.rules(knowing: ["eu": "the password of eu"]))
///     func holds(_ rule: ContractRule<any SecretProvider>) async throws {
///         try await rule.check(MyVault())
///     }
public enum SecretProviderContract {
    private typealias Rule = ContractRule<any SecretProvider>

    /// A name that no provider is expected to know.
    private static let unknown = "tributary/no such secret/7f3a"

    /// The rules, for a provider that knows some secrets by their names.
    ///
    /// - Parameter secrets: Made for the test: each longer than three characters, and found in no name.
    /// - Returns: The rules, each to be checked on a provider that knows these secrets.
    public static func rules(knowing secrets: [String: String]) -> [ContractRule<any SecretProvider>] {
        [
            Rule("a secret is told by its name, each time it is asked for") { provider in
                for (name, secret) in secrets {
                    for _ in 0..<2 {
                        let told = try provider.secret(named: name)
                        try Rule.require(
                            told == secret,
                            "\(name) has \(told.count) characters, and not its own"
                        )
                    }
                }
            },
            Rule("a name that nobody knows is an error, never an empty secret") { provider in
                for name in [unknown, ""] where secrets[name] == nil {
                    let told = try? provider.secret(named: name)
                    try Rule.require(
                        told == nil,
                        "\"\(name)\" has a secret of \(told?.count ?? 0) characters"
                    )
                }
            },
            Rule("names are told apart to the letter") { provider in
                for name in secrets.keys {
                    for other in [name + " ", name.uppercased(), name.lowercased()]
                    where secrets[other] == nil {
                        let told = try? provider.secret(named: other)
                        try Rule.require(told == nil, "\"\(other)\" is taken for \"\(name)\"")
                    }
                }
            },
            Rule("neither an error nor a description shows a secret") { provider in
                var texts = ["\(provider)", String(reflecting: provider)]
                var dumped = ""
                dump(provider, to: &dumped)
                texts.append(dumped)
                for name in [unknown, ""] + secrets.keys.map({ $0 + unknown }) {
                    do {
                        _ = try provider.secret(named: name)
                    } catch {
                        texts += ["\(error)", String(reflecting: error)]
                    }
                }
                for secret in secrets.values where texts.contains(where: { $0.contains(secret) }) {
                    throw ConformanceFailure("a secret of \(secret.count) characters is shown")
                }
            },
            Rule("many may ask beside each other") { provider in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            for (name, secret) in secrets {
                                let told = try provider.secret(named: name)
                                try Rule.require(told == secret, "\(name) has another secret when many ask")
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            },
        ]
    }
}
