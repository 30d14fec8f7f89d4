#if SQLite
import CSQLite
import SourceConnectors

/// What a result code of the library means for a reader.
enum ResultCode {
    /// An error with its kind, whether it passes, and what to do.
    static func error(_ extended: Int32, _ text: String, _ source: Source) -> SourceError {
        let (code, isTransient, advice) = meaning(extended & 0xff, text)
        return SourceError(
            code,
            source: source,
            serverCode: Int(extended),
            isTransient: isTransient,
            message: advice.isEmpty ? text : "\(text); \(advice)"
        )
    }

    private static func meaning(_ code: Int32, _ text: String) -> (SourceError.Code, Bool, String) {
        switch code {
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL:
            (.interrupted, true, "a writer holds the file; run again, or let writers hold it for less time")
        case SQLITE_SCHEMA: (.interrupted, true, "the tables changed meanwhile; run again")
        case SQLITE_INTERRUPT: (.cancelled, false, "")
        case SQLITE_CANTOPEN:
            (
                .unreachable, false,
                "the file must be there and readable, and its folder too, for the files that SQLite keeps beside it"
            )
        case SQLITE_IOERR: (.unreachable, true, "the file could not be read; look after the disk")
        case SQLITE_AUTH, SQLITE_PERM, SQLITE_READONLY: (.accessDenied, false, "grant this user access")
        case SQLITE_NOTADB, SQLITE_CORRUPT, SQLITE_FORMAT:
            (
                .server, false,
                "the file is damaged or no SQLite database; check it with PRAGMA integrity_check"
            )
        case SQLITE_ERROR where text.hasPrefix("no such"): (.missing, false, "")
        default: (.server, false, "")
        }
    }
}
#endif
