import ColumnBatches
import SourceConnectors

extension ConnectorProperty {
    /// What reads show.
    static var reading: [ConnectorProperty] {
        [
            ConnectorProperty("K10", "values arrive as they are, at the edges too") { run in
                let rows = SampleRows.edges(tellsEmptyFromMissing: run.capabilities.tellsEmptyFromMissing)
                try await run.withRows(rows) { fixture, table in
                    let read = try await run.read(run.query(table), of: fixture)
                    try run.requireSame(read, try await run.expected(fixture, table), "the read")
                }
            },
            ConnectorProperty("K10a", "digests of a source are those of its rows") { run in
                try await run.withRows { fixture, table in
                    let rule = BucketRule(keys: table.keys, count: 4)
                    let (told, counted) = try await fixture.connector.withSession(for: fixture.source) {
                        session in
                        let told = try await session.digests(of: run.query(table), by: rule, at: .snapshot)
                        var counted = BucketDigests(rule: rule)
                        for try await batch in try await session.rows(run.query(table), at: .snapshot) {
                            counted.add(batch)
                        }
                        try await session.endSnapshot()
                        return (told, counted)
                    }
                    try run.require(told == counted, "\(told.buckets) instead of \(counted.buckets)")
                }
            },
            ConnectorProperty("K11", "each row is read once") { run in
                try await run.withRows(SampleRows.many(250)) { fixture, table in
                    let read = try await run.read(run.query(table, batchRows: 40), of: fixture)
                    try run.requireSame(read, try await run.expected(fixture, table), "the read")
                }
            },
            ConnectorProperty("K12", "the size of batches changes nothing") { run in
                try await run.withRows { fixture, table in
                    let wanted = try await run.expected(fixture, table)
                    for size in [1, 2, 3, 5, 7, 11, 12, 13, 1000] {
                        let read = try await run.read(run.query(table, batchRows: size), of: fixture)
                        try run.requireSame(read, wanted, "the read in batches of \(size)")
                    }
                }
            },
            ConnectorProperty("K13", "columns come as asked for, some or all, in any order") { run in
                try await run.withRows { fixture, table in
                    let wanted = try await run.expected(fixture, table)
                    for order in [[4, 3, 2, 1, 0], [2, 0], [1], [3, 1, 4]] {
                        var query = run.query(table)
                        query.columns = order.map { table.fields[$0] }
                        let read = try await run.read(query, of: fixture)
                        try run.requireSame(
                            read,
                            wanted.map { row in order.map { row[$0] } },
                            "the read of \(query.columns.map(\.name))"
                        )
                    }
                }
            },
            ConnectorProperty(
                "K13a",
                "ordered reads are in order, across batches too",
                unless: { $0.ordersRows ? nil : "the connector does not order rows" }
            ) { run in
                try await run.withRows(SampleRows.many(60).reversed()) { fixture, table in
                    var query = run.query(table, batchRows: 7)
                    query.order = table.keys
                    let read = try await run.read(query, of: fixture)
                    try run.requireSame(read, try await run.expected(fixture, table), "the ordered read")
                    for (row, next) in zip(read, read.dropFirst())
                    where !ValueOrder.precedes(row, next, by: [0, 1]) {
                        throw ConformanceFailure("\(row) comes before \(next): pages are out of order")
                    }
                }
            },
            ConnectorProperty(
                "K36a",
                "filters select what they say, values as values",
                unless: { $0.filters.isEmpty ? "the connector applies no filters" : nil }
            ) { run in
                try await run.withRows { fixture, table in
                    let wanted = try await run.expected(fixture, table)
                    for filter in filters(table) where run.capabilities.filters.contains(filter.comparison) {
                        let index = table.fields.firstIndex { $0.name == filter.column } ?? 0
                        var query = run.query(table)
                        query.filters = [filter]
                        let read = try await run.read(query, of: fixture)
                        try run.requireSame(
                            read,
                            wanted.filter { filter.accepts($0[index]) },
                            "the read where \(filter.column) \(filter.comparison.rawValue) \(filter.values)"
                        )
                    }
                }
            },
        ]
    }

    private static func filters(_ table: TestTable) -> [RowFilter] {
        [
            RowFilter(table.label, .equal, [.string("label 3")]),
            RowFilter(table.label, .equal, [.string("' or '1'='1")]),
            RowFilter(table.amount, .equal, [.integer(30)]),
            RowFilter(table.amount, .notEqual, [.integer(30)]),
            RowFilter(table.amount, .less, [.integer(30)]),
            RowFilter(table.amount, .lessOrEqual, [.integer(30)]),
            RowFilter(table.amount, .greater, [.integer(30)]),
            RowFilter(table.amount, .greaterOrEqual, [.integer(30)]),
            RowFilter(table.section, .oneOf, [.string("a"), .string("z")]),
            RowFilter(table.section, .noneOf, [.string("a"), .string("z")]),
            RowFilter(table.label, .like, [.string("label 1%")]), RowFilter(table.label, .isNull),
            RowFilter(table.amount, .isNotNull),
        ]
    }
}
