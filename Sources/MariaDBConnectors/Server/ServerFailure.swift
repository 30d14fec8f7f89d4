#if MariaDB
import SourceConnectors

/// An error as the client library or the server reports it.
struct ServerFailure {
    /// The library's or the server's number.
    var number: Int
    /// The library's or the server's own words.
    var text: String

    /// The error that callers see: its kind, whether trying again may help, and what to do.
    ///
    /// A session that was told to stop shows as a broken connection, and is reported as cancelled.
    func error(source: Source, table: TableName?, isStopped: Bool) -> SourceError {
        var (code, isTransient, advice) = verdict(isStopped: isStopped)
        if code == .insecure && isBrokenHandshake {
            (code, isTransient, advice) = (
                .unreachable, true, "the connection broke while it was being encrypted"
            )
        }
        return SourceError(
            code,
            source: source,
            table: table,
            serverCode: number,
            isTransient: isTransient,
            retryLimit: number == 1317 ? 1 : nil,
            message: code == .cancelled ? advice : "\(text); \(advice)"
        )
    }

    /// Whether TLS failed because the connection broke, and not because of what the server showed.
    ///
    /// The library reports both with one number; the text is that of the operating system or the TLS library.
    private var isBrokenHandshake: Bool {
        number == 2026
            && ["reset by peer", "unexpected eof", "Broken pipe", "timed out"].contains { text.contains($0) }
    }

    private func verdict(isStopped: Bool) -> (SourceError.Code, Bool, String) {
        if isStopped { return (.cancelled, false, "the task was cancelled while the server was at work") }
        switch number {
        case 1045, 1698, 1251, 4151:
            return (
                .accessDenied, false, "check the user, the password and that the account may log in from here"
            )
        case 1142, 1143, 1044, 1227, 1370:
            return (.accessDenied, false, "grant the account what it lacks")
        case 1049, 1146, 1054, 1109:
            return (.missing, false, "check the name, or describe the table again")
        case 2002, 2003, 2005:
            return (.unreachable, true, "check that the server runs and that its address is right")
        case 2006, 2013, 2055:
            return (.unreachable, true, "the connection broke; read the window again in a new session")
        case 1040, 1203, 1226:
            return (.unreachable, true, "use fewer connections at once, or allow the account more")
        case 1129:
            return (
                .unreachable, false,
                "the server blocks this host after too many broken connections; run FLUSH HOSTS there"
            )
        case 1053, 1077, 1079, 1927:
            return (.unreachable, true, "the server is going down; try again when it is up")
        case 1152, 1158, 1159, 1160, 1161, 1184:
            return (.unreachable, true, "the network failed between server and client")
        case 2026:
            return (
                .insecure, false,
                "check the server's certificate, the host name and the authorities; TLS is never given up"
            )
        case 5010, 2059, 2061:
            return (
                .insecure, false,
                "the server asks for a login method that is not allowed here; give the account another, or allow it "
                    + "by name where that is safe"
            )
        case 1969, 3024:
            return (
                .interrupted, true,
                "the statement took longer than allowed; read less at once or allow more time"
            )
        case 1317, 1028:
            return (.interrupted, true, "somebody stopped the statement at the server; it is tried once more")
        case 1205:
            return (.interrupted, true, "a lock was not released in time; another session changes the table")
        case 1213:
            return (.interrupted, true, "the server ended the transaction to resolve a deadlock")
        case 1412:
            return (
                .interrupted, true, "the table's definition changed under the snapshot; begin a new snapshot"
            )
        case 1792, 1290:
            return (
                .server, false, "this program only reads: report it, with the statement from the server's log"
            )
        case 1153, 2020:
            return (
                .server, false, "a packet exceeds max_allowed_packet; raise it at the server"
            )
        case 1064, 1210, 1366:
            return (.invalid, false, "the statement does not suit the server")
        default:
            return (.server, false, "look the number up in MariaDB's list of error codes")
        }
    }
}
#endif
