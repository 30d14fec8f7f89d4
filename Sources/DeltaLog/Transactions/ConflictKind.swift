/// Which rule two commits broke.
public enum ConflictKind: String, Sendable, Hashable {
    /// The other commit changed what readers and writers must be able to do.
    case protocolChanged
    /// The other commit changed the schema or the settings.
    case metadataChanged
    /// Both commits record a transaction of one application.
    case concurrentTransaction
    /// Both commits change the settings of one domain.
    case concurrentDomain
    /// The other commit added a file to what this one read.
    case concurrentAppend
    /// The other commit removed a file that this one read.
    case concurrentDeleteRead
    /// Both commits remove one file.
    case concurrentDeleteDelete
}

/// How strictly concurrent appends are kept apart.
public enum IsolationLevel: Sendable, Hashable {
    /// As if all commits had been made one after the other.
    case serializable
    /// The same for what is written; another's blind append to what was read is no conflict.
    case writeSerializable
}
