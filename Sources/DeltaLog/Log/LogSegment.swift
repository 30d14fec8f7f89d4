/// The files that make up a version: a checkpoint, unless it begins with version 0, and the commits after it.
struct LogSegment: Sendable {
    /// A file of JSON actions, with the versions it stands for.
    struct Piece: Sendable {
        var file: LogListing.File
        var versions: ClosedRange<TableVersion>
    }

    var version: TableVersion
    var checkpoint: LogListing.Checkpoint?
    /// The oldest first; a compacted file stands for several versions.
    var pieces: [Piece]

    /// The ways to read a version, the best first: each checkpoint is followed by the older ones, should it be damaged.
    ///
    /// - Throws: `DeltaLogError` when the version is not there, or a commit is missing.
    static func candidates(of listing: LogListing, at wanted: TableVersion?, table: String)
        throws(DeltaLogError) -> [LogSegment]
    {
        guard let newest = listing.newest else { throw .notATable(table) }
        let version = wanted ?? newest
        guard version <= newest else {
            throw DeltaLogError(
                .versionMissing,
                table: table,
                version: version,
                message: "the newest version is \(newest)"
            )
        }
        var segments: [LogSegment] = []
        var failure: DeltaLogError?
        for checkpoint in listing.checkpoints.reversed() where checkpoint.version <= version {
            do throws(DeltaLogError) {
                let pieces = try pieces(of: listing, after: checkpoint.version, to: version, table: table)
                segments.append(LogSegment(version: version, checkpoint: checkpoint, pieces: pieces))
            } catch {
                failure = failure ?? error
            }
        }
        do throws(DeltaLogError) {
            let pieces = try pieces(of: listing, after: nil, to: version, table: table)
            segments.append(LogSegment(version: version, checkpoint: nil, pieces: pieces))
        } catch {
            failure = failure ?? error
        }
        if segments.isEmpty, let failure { throw failure }
        return segments
    }

    /// The commits after a version, none missing, several in one file where a compaction allows.
    private static func pieces(
        of listing: LogListing,
        after base: TableVersion?,
        to version: TableVersion,
        table: String
    ) throws(DeltaLogError) -> [Piece] {
        var pieces: [Piece] = []
        var next = base?.next ?? 0
        var compactions: [TableVersion: LogListing.Compaction] = [:]
        for compaction in listing.compactions where compaction.to <= version && compaction.from >= next {
            if compactions[compaction.from].map({ $0.to < compaction.to }) ?? true {
                compactions[compaction.from] = compaction
            }
        }
        var index = listing.commits.startIndex
        while next <= version {
            if let compaction = compactions[next] {
                pieces.append(Piece(file: compaction.file, versions: compaction.from...compaction.to))
                next = compaction.to.next
                continue
            }
            while index < listing.commits.endIndex, listing.commits[index].version < next { index += 1 }
            guard index < listing.commits.endIndex, listing.commits[index].version == next else {
                let after = index < listing.commits.endIndex ? listing.commits[index].version : version
                throw .missing(next, after, table)
            }
            pieces.append(Piece(file: listing.commits[index], versions: next...next))
            next = next.next
        }
        return pieces
    }
}

extension DeltaLogError {
    static func notATable(_ table: String) -> DeltaLogError {
        DeltaLogError(
            .notATable,
            table: table,
            message:
                "there is no Delta table here: the folder has no _delta_log with commits or a whole checkpoint"
        )
    }

    fileprivate static func missing(_ version: TableVersion, _ next: TableVersion, _ table: String)
        -> DeltaLogError
    {
        DeltaLogError(
            .versionMissing,
            table: table,
            version: version,
            message:
                "the commit is missing although version \(next) is there; restore it from a backup, or read a "
                + "version that a checkpoint has"
        )
    }
}
