import ColumnBatches
import ObjectStores
import SourceConnectors

extension ConnectorProperty {
    /// Rows that leave the source, and writers beside each other.
    static var removals: [ConnectorProperty] {
        [
            ConnectorProperty("K33", "a deleted row is gone after one comparison", unless: \.unlessMutable) {
                run in
                try await run.compareAfter([.remove(nil, [RowKey("a", 2), RowKey("b", 7)])])
            },
            ConnectorProperty("K34", "a row with a new key leaves no ghost", unless: \.unlessMutable) { run in
                try await run.compareAfter([.rename(nil, RowKey("a", 2), RowKey("q", 99))])
            },
            ConnectorProperty(
                "K36",
                "a row that leaves the filter leaves the lake",
                unless: {
                    $0.unlessMutable
                        ?? ($0.filters.contains(.less) ? nil : "the connector does not filter by <")
                }
            ) { run in
                try await run.withLake { setup, fixture in
                    var setup = setup
                    setup.usesCursor = false
                    setup.filters = [RowFilter(setup.table.amount, .less, [.integer(1000)])]
                    try await fixture.perform(.put(nil, [TestRow(RowKey("f", 1), label: "f", amount: 1)]))
                    _ = try await run.driver.run(setup)
                    let before = try await run.driver.lakeRows(setup).compactMap(setup.table.row)
                    try run.require(
                        before.contains { $0.key == RowKey("f", 1) },
                        "the row is not in the lake"
                    )
                    try await fixture.perform(.put(nil, [TestRow(RowKey("f", 1), label: "f", amount: 5000)]))
                    _ = try await run.driver.run(setup)
                    let after = try await run.driver.lakeRows(setup).compactMap(setup.table.row)
                    try run.require(!after.contains { $0.key == RowKey("f", 1) }, "the row stays in the lake")
                }
            },
            ConnectorProperty(
                "K43",
                "writers of two clients never hinder each other",
                unless: \.unlessMutable
            ) { run in
                try await run.writeBeside()
            },
        ]
    }
}

extension ConformanceRun {
    /// Some steps after a first run, and one comparison of the whole table.
    func compareAfter(_ steps: [SourceStep]) async throws {
        try await withLake { setup, fixture in
            var setup = setup
            setup.usesCursor = false
            _ = try await driver.run(setup)
            for step in steps { try await fixture.perform(step) }
            try await pass(1_000_000, fixture)
            _ = try await driver.run(setup)
            try await requireInSync(setup, fixture)
        }
    }

    /// A client's run commits while another client's run is about to.
    func writeBeside() async throws {
        try await withRows { fixture, table in
            let lake = MemoryObjectStore()
            let calm = setup(fixture, table, lake)
            try await driver.prepare(calm)
            var other = calm
            other.source.client += "0"
            let second = other
            let isOvertaken = Once()
            let store = FaultyObjectStore(
                lake,
                before: { operation in
                    guard operation.path.contains("/_delta_log/"), operation.kind == .put,
                        !operation.path.hasPrefix("tributary/"), isOvertaken.begin()
                    else { return }
                    let run = try await self.driver.run(second)
                    try self.require(run.succeeded, "the other client's run failed: \(run.error ?? "")")
                }
            )
            let run = try await driver.run(setup(fixture, table, store))
            try require(run.succeeded, "the run failed: \(run.error ?? "")")
            try await requireInSync(calm, fixture)
            try await requireInSync(second, fixture)
        }
    }
}
