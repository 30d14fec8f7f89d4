import ArgumentParser
import ColumnBatches
import MariaDBConnectors
import SourceConnectors

/// Reads a table into columns, which are dropped, over some connections under one snapshot.
@main
struct SourceBench: AsyncParsableCommand {
    @Argument var database: String
    @Option var table = "orders"
    @Option var port = 3306
    @Option var user = "sync"
    @Option(help: "The environment variable with the password.") var password = "SYNC_PASSWORD"
    @Option(help: "The connections, each of which reads ranges of the key as it gets to them.")
    var connections = 1

    func run() async throws {
        let server = MariaDBConnection(
            host: "127.0.0.1",
            port: port,
            user: user,
            password: .environment(password)
        )
        let connector = MariaDBConnector(connections: ["server": server])
        let source = Source(region: "here", client: database, connection: "server")
        let name = TableName(database: database, table: table)
        let connections = connections
        let rows = try await connector.withSession(for: source) { session in
            guard let description = try await session.describe(name), !description.primaryKey.isEmpty else {
                throw ValidationError("\(name) is not there, or has no primary key")
            }
            let key = description.primaryKey
            let fields = description.columns.compactMap { column in
                column.type.map { Field(column.name, $0, isNullable: column.isNullable) }
            }
            let bounds = try await session.bounds(of: name, by: key, every: 65_536) ?? []
            let work = Work(bounds.indices.map { $0 })
            try await session.withReaders(connections, of: name, feel: { _ in }) { _, reader, _ in
                while let index = await work.next() {
                    let after = index > 0 ? bounds[index - 1] : nil
                    let range = KeyRange(key: key, after: after, through: bounds[index])
                    let query = ReadQuery(table: name, columns: fields, range: range, order: key)
                    var batches = try await reader.rows(query, at: .snapshot).makeAsyncIterator()
                    var count = 0
                    while let batch = try await batches.next() { count += batch.rowCount }
                    await work.add(count)
                }
            }
            return await work.rows
        }
        print(rows)
    }
}

/// The ranges that are left, and the rows that were read.
private actor Work {
    private var ranges: ArraySlice<Int>
    private(set) var rows = 0

    init(_ ranges: [Int]) { self.ranges = ranges[...] }

    func next() -> Int? { ranges.popFirst() }

    func add(_ rows: Int) { self.rows += rows }
}
