import ColumnBatches
import ObjectStores
import SourceConnectors

extension ConnectorProperty {
    /// Tables whose columns come and go.
    static var drift: [ConnectorProperty] {
        [
            ConnectorProperty(
                "K38",
                "a column that comes or goes, between runs or during one, loses no row",
                unless: \.unlessChanging
            ) { run in
                for change in TableChange.allCases {
                    // Between two runs, and before each of the first calls of one.
                    for point in -1..<6 { try await run.drift(change, at: point) }
                }
            },
            ConnectorProperty(
                "K39",
                "clients whose tables differ share a lake, and each keeps its rows",
                unless: \.unlessChanging
            ) { run in
                for change in TableChange.allCases { try await run.differ(by: change) }
            },
        ]
    }
}

extension ConnectorCapabilities {
    /// Why properties of changing tables do not apply.
    var unlessChanging: String? {
        unlessMutable ?? (changesTables ? nil : "the test bed does not change its tables")
    }
}

extension ConformanceRun {
    /// A table changes at some point; whatever the run makes of that, the next ones bring every row.
    func drift(_ change: TableChange, at point: Int) async throws {
        try await withLake { setup, fixture in
            _ = try await driver.run(setup)
            try await fixture.perform(.put(nil, [TestRow(RowKey("a", 2), label: "before", amount: 1)]))
            try await pass(1_000_000, fixture)
            let counter = CallCounter(before: point)
            if point < 0 { try await fixture.change(change) }
            let connector = InterleavedConnector(fixture.connector) { _ in
                if counter.isNow() { try await fixture.change(change) }
            }
            // The run may notice and fail; it must not bring wrong rows.
            _ = try? await driver.run(setup.reading(by: connector))
            if counter.isAhead { try await fixture.change(change) }
            try await fixture.perform(.put(nil, [TestRow(RowKey("a", 4), label: "after")]))
            try await pass(1_000_000, fixture)
            try await settle(setup, fixture, change, "after \(change) at call \(point)")
        }
    }

    /// Two clients of one lake, only one of which has changed its table.
    func differ(by change: TableChange) async throws {
        try await withLake { setup, fixture in
            try await withRows(table: setup.table) { other, _ in
                try await other.change(change)
                var second = self.setup(other, setup.table, setup.lake)
                second.source.client += "0"
                try await pass(1_000_000, fixture)
                try await settle(second, other, change, "the client with \(change)")
                try await settle(setup, fixture, nil, "the client without \(change)")
                try await fixture.perform(.put(nil, [TestRow(RowKey("a", 2), label: "later", amount: 7)]))
                try await other.perform(.put(nil, [TestRow(RowKey("a", 2), label: "there")]))
                try await pass(1_000_000, fixture)
                try await pass(1_000_000, other)
                try await settle(setup, fixture, nil, "the client without \(change), again")
                try await settle(second, other, change, "the client with \(change), again")
            }
        }
    }

    /// Prepares, runs, and compares; a column that is gone may keep its old values in rows that did not change.
    private func settle(
        _ setup: SyncSetup<Bed.Fixture.Connector>,
        _ fixture: Bed.Fixture,
        _ change: TableChange?,
        _ what: String
    ) async throws {
        do {
            try await driver.prepare(setup)
            var run = try await driver.run(setup)
            // Without a column the task is another one, which may ask for a plan before it reads everything again.
            if !run.succeeded, change == .dropAmount { run = try await driver.runPlanned(setup) }
            try require(run.succeeded, "the run failed: \(run.error ?? "")")
            func comparable(_ rows: [StoredRow]) -> [StoredRow] {
                guard change == .dropAmount else { return rows }
                return rows.map { row in
                    var row = row
                    row.amount = nil
                    return row
                }
            }
            let lake = try await driver.lakeRows(setup).compactMap(setup.table.row)
            let source = try await fixture.contents()
            if let problem = RowComparison(source: comparable(source), lake: comparable(lake)).problem {
                throw ConformanceFailure(problem)
            }
        } catch let failure as ConformanceFailure {
            throw ConformanceFailure("\(what): \(failure.message)")
        }
    }
}
