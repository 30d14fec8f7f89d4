/// One line of a commit; the protocol's section "Actions".
public enum Action: Sendable, Hashable {
    /// A file joins the table.
    case add(AddFile)
    /// A file leaves the table.
    case remove(RemoveFile)
    /// A file of changed rows, for readers of the change data feed.
    case change(ChangeFile)
    /// The table's schema, partition columns and settings.
    case metadata(TableMetadata)
    /// What readers and writers must be able to do.
    case `protocol`(TableProtocol)
    /// How far an application has come.
    case transaction(ApplicationTransaction)
    /// Settings of a feature or an application.
    case domain(DomainMetadata)
    /// Who did what; the first line of a commit.
    case commitInfo(CommitInfo)
    /// A file of a V2 checkpoint that holds its adds and removes.
    case sidecar(Sidecar)
    /// What a V2 checkpoint says about itself.
    case checkpointMetadata(version: Int64)
}
