extension ConnectorProperty {
    /// Incremental reads lose nothing, whatever happens in the source meanwhile.
    static var histories: [ConnectorProperty] {
        [
            scripted(
                "K23",
                "a row that is committed late is not lost",
                \.unlessRacy,
                ScriptedHistories.lateCommit
            ),
            scripted(
                "K24",
                "rows of one instant are all there, across runs",
                { $0.unlessCursor ?? $0.unlessMutable },
                ScriptedHistories.ties
            ),
            scripted(
                "K26",
                "an hour that comes twice loses no row",
                {
                    $0.unlessCursor ?? $0.unlessMutable
                        ?? ($0.cursor == .wallClock && $0.hasVirtualClock ? nil : "cursors are instants")
                },
                ScriptedHistories.fold
            ),
            scripted(
                "K27",
                "a row that moves ahead while a run reads is not lost",
                { $0.unlessCursor ?? $0.unlessMutable },
                ScriptedHistories.movesAhead
            ),
            scripted(
                "K28",
                "the greatest cursor that was read is not the bound: earlier rows may follow",
                \.unlessRacy,
                ScriptedHistories.earlierThanMax
            ),
            scripted(
                "K29",
                "an idle transaction loses no row",
                \.unlessRacy,
                ScriptedHistories.idleTransaction
            ),
            scripted(
                "K30",
                "a statement that works or waits for long loses no row",
                { $0.unlessRacy ?? ($0.hasLongStatements ? nil : "the test bed has no long statements") },
                ScriptedHistories.lateStatement
            ),
            scripted(
                "K31",
                "what is rolled back, whole or in part, hides no row",
                \.unlessRacy,
                ScriptedHistories.rollbacks
            ),
            scripted(
                "K24d",
                "rows without a cursor value reach the lake",
                {
                    $0.unlessCursor ?? $0.unlessMutable
                        ?? ($0.hasRowsWithoutCursor ? nil : "every row has a cursor value")
                },
                ScriptedHistories.withoutCursor
            ),
            scripted(
                "K45",
                "rows are told apart by the whole key, not by a part of it",
                \.unlessMutable,
                ScriptedHistories.keyParts
            ),
            ConnectorProperty(
                "K32",
                "any history ends with the lake equal to the source, and no mark lies beyond a row that was not read",
                unless: { $0.unlessCursor ?? $0.unlessMutable }
            ) { run in
                try await run.playRandom(HistoryScope(run.capabilities), usesCursor: true)
            },
            ConnectorProperty(
                "K32a",
                "any history is right where whole tables are compared",
                unless: \.unlessMutable
            ) {
                run in
                var scope = HistoryScope(run.capabilities)
                scope.removals = true
                try await run.playRandom(scope, usesCursor: false)
            },
            ConnectorProperty(
                "K20",
                "runs that crash or lose answers lose no row and bring none twice",
                unless: { $0.unlessCursor ?? $0.unlessMutable }
            ) { run in
                var scope = HistoryScope(run.capabilities)
                scope.crashes = true
                try await run.playRandom(scope, usesCursor: true)
            },
            ConnectorProperty(
                "K32b",
                "any history ends with the lake equal to the source where tables are loaded chunk by chunk",
                unless: { $0.unlessCursor ?? $0.unlessMutable ?? $0.unlessCutting }
            ) { run in
                try await run.playRandom(HistoryScope(run.capabilities), usesCursor: true, chunkRows: 1)
            },
            ConnectorProperty(
                "K20b",
                "loads in chunks that crash or lose answers lose no row and bring none twice",
                unless: { $0.unlessCursor ?? $0.unlessMutable ?? $0.unlessCutting }
            ) { run in
                var scope = HistoryScope(run.capabilities)
                scope.crashes = true
                try await run.playRandom(scope, usesCursor: true, chunkRows: 1)
            },
        ]
    }

    private static func scripted(
        _ id: String,
        _ title: String,
        _ excuse: @escaping @Sendable (ConnectorCapabilities) -> String?,
        _ histories: [History]
    ) -> ConnectorProperty {
        ConnectorProperty(id, title, unless: excuse) { run in
            try await run.play(histories, usesCursor: run.capabilities.cursor != nil)
        }
    }
}

extension ConnectorCapabilities {
    /// Why races of transactions with reads by a cursor do not apply.
    var unlessRacy: String? {
        unlessCursor ?? unlessTransactional
            ?? (readsUncommitted || tellsWriters
                ? nil : "the connector neither shows uncommitted rows nor tells of every writer")
    }
}

extension ConformanceRun {
    /// Plays random histories, one for each seed.
    func playRandom(_ scope: HistoryScope, usesCursor: Bool, chunkRows: Int? = nil) async throws {
        var scope = scope
        scope.zoneShifts = capabilities.cursor == .wallClock && capabilities.hasVirtualClock
        // A load in chunks differs in its first runs only: half of the histories do.
        for (number, seed) in effort.seeds.enumerated() where chunkRows == nil || number.isMultiple(of: 2) {
            try Task.checkCancellation()
            let history = History(seed: seed, length: effort.events, scope: scope)
            try await play([history], usesCursor: usesCursor, seed: seed, chunkRows: chunkRows)
        }
    }

    /// Plays histories; one that fails is made shorter before it is told.
    func play(
        _ histories: [History],
        usesCursor: Bool,
        seed: UInt64? = nil,
        chunkRows: Int? = nil
    ) async throws {
        var player = HistoryPlayer(bed: bed, driver: driver, table: table, usesCursor: usesCursor)
        player.chunkRows = chunkRows
        for history in histories {
            guard let problem = await problem(of: history, player) else { continue }
            var shrinker = HistoryShrinker(plays: effort.shrinkingPlays)
            let shortest = await shrinker.shrink(history, problem) { await self.problem(of: $0, player) }
            throw ConformanceFailure(
                shortest.problem,
                seed: seed,
                history: shortest.history.events.map(\.description)
            )
        }
    }

    private func problem(of history: History, _ player: HistoryPlayer<Bed>) async -> String? {
        do {
            return try await player.play(history)
        } catch {
            return "an error came up: \(error)"
        }
    }
}
