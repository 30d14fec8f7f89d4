public import DeltaLog

extension DeltaTable {
    /// Decides whether rows that change or go are marked in deletion vectors from now on, or their files written anew.
    ///
    /// Switching it on raises the protocol to (3, 7): readers without the feature refuse the table from then on. Switching
    /// it off leaves the protocol and the vectors that are there; merges and `optimise` take these away in time.
    ///
    /// - Parameters:
    ///   - isOn: Whether rows are marked.
    ///   - snapshot: The present state.
    /// - Returns: The version of the commit; the present one when nothing differs.
    /// - Throws: `DeltaLogError` with a conflict when another commit changed the metadata meanwhile.
    public func setDeletionVectors(_ isOn: Bool, from snapshot: Snapshot) async throws -> TableVersion {
        guard TableProperties(snapshot.metadata).usesDeletionVectors != isOn else { return snapshot.version }
        try snapshot.checkWritable()
        var metadata = snapshot.metadata
        metadata.configuration["delta.enableDeletionVectors"] = isOn ? "true" : "false"
        var actions: [Action] = [.metadata(metadata)]
        if isOn && !snapshot.protocol.has("deletionVectors") {
            let old = snapshot.protocol
            // A protocol of features names what lower versions imply, as far as writers here keep it true.
            let implied = ["appendOnly", "invariants"].filter { old.minWriterVersion < 7 && old.has($0) }
            actions.insert(
                .protocol(
                    TableProtocol(
                        minReaderVersion: 3,
                        minWriterVersion: 7,
                        readerFeatures: (old.readerFeatures ?? []) + ["deletionVectors"],
                        writerFeatures: (old.writerFeatures ?? implied) + ["deletionVectors"]
                    )
                ),
                at: 0
            )
        }
        return try await log.commit(
            actions,
            readSet: ReadSet(partitions: .nothing),
            base: snapshot,
            operation: "SET TBLPROPERTIES",
            operationParameters: ["properties": "{\"delta.enableDeletionVectors\":\"\(isOn)\"}"]
        ).version
    }
}
