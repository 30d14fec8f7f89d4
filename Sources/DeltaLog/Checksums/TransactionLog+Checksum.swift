import ObjectStores

extension TransactionLog {
    func checksumPath(of version: TableVersion) -> String { folder + version.digits + ".crc" }

    /// The checksum of a version, or nil where there is none that can be read.
    public func checksum(of version: TableVersion) async throws -> VersionChecksum? {
        do {
            return VersionChecksum(try await store.read(checksumPath(of: version)))
        } catch let error as ObjectStoreError where error.code == .notFound {
            return nil
        }
    }

    /// Writes the checksum of a snapshot, unless its version has one.
    ///
    /// From then on each commit of this package writes the checksum of its version.
    public func writeChecksum(_ snapshot: Snapshot) async throws {
        do {
            try await store.putIfAbsent(checksumPath(of: snapshot.version), VersionChecksum(snapshot).bytes)
        } catch let error as ObjectStoreError where error.code == .alreadyExists {
            // Another writer was first; a checksum is never replaced.
        }
    }
}
