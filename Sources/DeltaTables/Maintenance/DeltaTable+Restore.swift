public import DeltaLog
import ObjectStores

extension DeltaTable {
    /// Makes the table what it was at an older version, in a new one.
    ///
    /// The marks of applications, whose names end in `/mark`, go back with the rows in the same commit, and so does what
    /// they say of the files, in names that end in `/files`; one that the old version did not have becomes 0. Run
    /// numbers stay, as they never go back.
    ///
    /// - Parameter version: The version whose files and schema come back.
    /// - Returns: The new version; the present one when nothing differs.
    /// - Throws: `DeltaTableError` when a file of the old version is gone.
    public func restore(to version: TableVersion) async throws -> TableVersion {
        let present = try await snapshot()
        let old = try await snapshot(at: version)
        let before = Dictionary(uniqueKeysWithValues: present.files.map { (Self.key($0), $0) })
        let after = Dictionary(uniqueKeysWithValues: old.files.map { (Self.key($0), $0) })
        var edit = TableEdit(operation: "RESTORE", readSet: ReadSet(partitions: .whole))
        edit.added = after.filter { before[$0.key] == nil }.map(\.value).sorted { $0.path < $1.path }
        edit.removed = before.filter { after[$0.key] == nil }.map(\.value).sorted { $0.path < $1.path }
        edit.operationParameters = ["version": version.description]
        edit.ownsAddedFiles = false
        edit.isToldByFiles = true
        for file in edit.added {
            let place = try TablePath.locate(file.path, table: path, in: store)
            guard try await place.store.attributes(of: place.path) != nil else {
                throw DeltaTableError(
                    .dataFile,
                    table: path,
                    file: file.decodedPath,
                    message:
                        "a file of version \(version) is gone; restore it from a backup, or choose a later version"
                )
            }
        }
        let metadata = try Self.metadata(of: old, after: present)
        if metadata != present.metadata { edit.metadata = metadata }
        for (name, transaction) in present.transactions
        where name.hasSuffix("/mark") || name.hasSuffix("/files") {
            let mark = old.transactionVersion(name) ?? 0
            if mark != transaction.version {
                edit.transactions.append(
                    ApplicationTransaction(appID: name, version: mark, lastUpdated: Self.now)
                )
            }
        }
        edit.transactions.sort { $0.appID < $1.appID }
        edit.readSet.transactionIDs = Set(present.transactions.keys)
        edit.readSet.readsMetadata = true
        guard edit.changesData || edit.metadata != nil || !edit.transactions.isEmpty else {
            return present.version
        }
        return try await apply(edit, to: present)
    }

    /// The metadata of an old version; columns that were mapped since stay mapped, and no number is given twice.
    private static func metadata(of old: Snapshot, after present: Snapshot) throws -> TableMetadata {
        var metadata = old.metadata
        if old.metadata.columnMapping == .none && present.metadata.columnMapping != .none {
            let mode = present.metadata.columnMapping.rawValue
            metadata = try TableAlteration([.set("delta.columnMapping.mode", mode)], to: old).metadata
        }
        let key = "delta.columnMapping.maxColumnId"
        let numbers = [metadata, present.metadata].compactMap { $0.configuration[key].flatMap { Int($0) } }
        if let greatest = numbers.max() { metadata.configuration[key] = String(greatest) }
        return metadata
    }

    private static func key(_ file: AddFile) -> String {
        file.decodedPath + "\u{0}" + (file.deletionVector?.uniqueID ?? "")
    }

    /// The newest version that was made at or before an instant.
    ///
    /// Instants of commits are made to rise: one that goes back counts as a millisecond after the one before it.
    ///
    /// - Parameter instant: Milliseconds since 1970-01-01T00:00:00Z.
    /// - Returns: The version.
    /// - Throws: `DeltaTableError` when the oldest version that is left is newer.
    public func version(at instant: Int64) async throws -> TableVersion {
        var found: TableVersion?
        var last = Int64.min
        for commit in try await log.history().reversed() {
            let time = commit.info?.inCommitTimestamp ?? commit.info?.timestamp ?? last
            last = last == .min ? time : max(time, last + 1)
            guard last <= instant else { break }
            found = commit.version
        }
        guard let found else {
            throw DeltaTableError(
                .versionMissing,
                table: path,
                message:
                    "no version that is left is as old as \(CalendarText.instant(instant * 1000, digits: 3))Z"
            )
        }
        return found
    }
}
