public import SyncPipelines

/// What pipelines rely on in a provider of the roster.
public enum RosterContract {
    private typealias Rule = ContractRule<any RosterProvider>

    /// The rules, each to be checked on a provider whose clients do not change meanwhile.
    ///
    /// - Parameter configuration: The configuration that the clients belong to.
    /// - Returns: The rules.
    public static func rules(_ configuration: SyncConfiguration) -> [ContractRule<any RosterProvider>] {
        [
            Rule("clients are those of the configuration, each once, with region and connection") {
                provider in
                try configuration.check(try await provider.roster())
            },
            Rule("asked again, it gives the same clients in the same order") { provider in
                let first = try await provider.roster()
                let second = try await provider.roster()
                try Rule.require(
                    first == second,
                    "\(first.entries.count) clients became \(second.entries.count) or others"
                )
            },
            Rule("asked by many at once, it gives all of them the same clients") { provider in
                let first = try await provider.roster()
                try await withThrowingTaskGroup(of: Roster.self) { group in
                    for _ in 0..<8 { group.addTask { try await provider.roster() } }
                    for try await roster in group {
                        try Rule.require(
                            roster == first,
                            "\(roster.entries.count) of \(first.entries.count) clients"
                        )
                    }
                }
            },
            Rule("a task that is cancelled gets all clients or an error, and ends") { provider in
                let first = try await provider.roster()
                let asking = Task { try await provider.roster() }
                asking.cancel()
                if case .success(let roster) = await asking.result {
                    try Rule.require(
                        roster == first,
                        "\(roster.entries.count) of \(first.entries.count) clients"
                    )
                }
            },
        ]
    }
}
