#if SQLite
public import SourceConnectors

extension SQLiteSession {
    /// Reads the clock while nobody writes, or says who may have written before it.
    ///
    /// SQLite has one writer at a time, and a statement takes its time after its lock. So when the write lock is
    /// free and the clock is read while it is held, every transaction of before is committed, and visible to a
    /// snapshot that is opened now, or is rolled back; and one that comes later sets later times. A writer that does
    /// not end in time began after the file was last found without one; where that is not known, the mark stays.
    public func signals() async throws -> MarkSignals {
        guard let name = current else {
            // Before any table is known there is no file to ask.
            return MarkSignals(
                now: shared.clock(),
                limitations: ["no database was described or read before"],
                server: settings.folder
            )
        }
        let file = try file(name)
        guard settings.asksForWriters else {
            return MarkSignals(
                now: shared.clock(),
                limitations: ["the connection does not ask who is writing"],
                server: file.path
            )
        }
        return try signals(of: file, name)
    }

    private func signals(of file: DatabaseFile, _ name: String) throws(SourceError) -> MarkSignals {
        let before = shared.clock()
        let quiet: Int64?
        do throws(SourceError) {
            quiet = try file.whileNobodyWrites(shared.clock)
        } catch {
            guard [.accessDenied, .unreachable].contains(error.code) else { throw error }
            // The file must be readable, or the session is of no use.
            _ = try file.reading()
            return MarkSignals(
                now: before,
                limitations: ["the file cannot be opened for writing, so nobody can be asked who is writing"],
                server: file.path
            )
        }
        if let quiet {
            shared.quiet.record(quiet, of: file.path)
            return MarkSignals(now: quiet, server: file.path)
        }
        return MarkSignals(
            now: before,
            oldestWriter: min(shared.quiet.time(of: file.path) ?? 0, before),
            heldBy: "a transaction that holds the write lock of \(name)",
            server: file.path
        )
    }
}
#endif
