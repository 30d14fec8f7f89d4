import SourceConnectors

extension ConnectorProperty {
    /// Secrets, and what the kit leaves to others.
    static var secrecy: [ConnectorProperty] {
        [
            ConnectorProperty("K03", "secrets show up in no description and no error") { run in
                if run.bed.secrets.isEmpty { throw PropertyExcused(reason: "the test bed names no secrets") }
                try await run.withRows { fixture, _ in
                    try run.requireNoSecret(in: fixture.connector, "the connector")
                    var lost = fixture.source
                    lost.connection += "-none"
                    let missing = BrokenConnector(
                        "an unknown connection",
                        connector: fixture.connector,
                        source: lost,
                        code: .invalid
                    )
                    if let error = await run.failure(of: missing) {
                        try run.requireNoSecret(in: error, "the error of \(missing.name)")
                    }
                }
                for broken in run.bed.brokenConnectors() {
                    try run.requireNoSecret(in: broken.connector, "the connector with \(broken.name)")
                    if let error = await run.failure(of: broken) {
                        try run.requireNoSecret(in: error, "the error of \(broken.name)")
                    }
                }
            },
            elsewhere("K01", "configurations survive a round trip", "connectors are set up by Swift values"),
            elsewhere("K02", "old configurations are still read", "connectors are set up by Swift values"),
            elsewhere(
                "K22",
                "corrupt state is an error",
                "connectors hold no state; the pipeline's tests cover it"
            ),
            elsewhere(
                "K35",
                "tables without a key keep multiplicity",
                "pipelines refuse tables without a key"
            ),
            elsewhere(
                "K37",
                "mass deletions are stopped",
                "a matter of verification; its own tests cover it"
            ),
            elsewhere("K44", "duplicate keys are named", "a matter of merges; their own tests cover it"),
        ]
    }

    private static func elsewhere(_ id: String, _ title: String, _ reason: String) -> ConnectorProperty {
        ConnectorProperty(id, title, unless: { _ in reason }, check: { _ in })
    }
}

extension ConformanceRun {
    /// Nothing that a log, a debugger or a report would print holds a secret.
    func requireNoSecret(in value: Any, _ what: String) throws {
        var dumped = ""
        dump(value, to: &dumped)
        let texts = ["\(value)", String(reflecting: value), dumped]
        for secret in bed.secrets where texts.contains(where: { $0.contains(secret) }) {
            throw ConformanceFailure("\(what) shows a secret of \(secret.count) characters")
        }
    }
}
