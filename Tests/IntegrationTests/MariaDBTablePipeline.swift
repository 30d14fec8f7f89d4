#if MariaDB
import Logging
import MariaDBConnectors
import ObjectStores
import SourceConnectors
import SyncPipelines

extension MariaDBServer {
    /// A pipeline of one table in one database of the server, which says nothing.
    ///
    /// `settings` changes what holds for all tables, where a task is tried once unless it says otherwise; `connection`
    /// changes how the server is reached.
    func pipeline(
        of template: TableTemplate,
        database: String,
        to lake: any ObjectStore,
        settings: (inout SyncConfiguration) -> Void = { _ in },
        connection: (inout MariaDBConnection) -> Void = { _ in }
    ) -> SyncPipeline<MariaDBConnector> {
        var configuration = SyncConfiguration(
            lake: "lake",
            schemas: [template.schema: SchemaSettings(database: database)],
            tables: [template]
        )
        configuration.limits.attempts = 1
        settings(&configuration)
        let (connector, source) = connector(connection)
        let entry = RosterEntry(client: source.client, region: source.region, connection: source.connection)
        return SyncPipeline(
            configuration: configuration,
            roster: Roster(entries: [entry]),
            connector: connector,
            lake: lake,
            logger: Logger(label: "table") { _ in SwiftLogNoOpLogHandler() }
        )
    }
}
#endif
