#if MariaDB
import CMariaDB
import SourceConnectors

extension SessionThread {
    /// Starts a thread that the client library knows of.
    static func startForMariaDB() throws(SourceError) -> SessionThread {
        guard isLibraryReady else {
            throw SourceError(.invalid, message: "the MariaDB client library cannot be initialised")
        }
        return try start(began: { _ = mysql_thread_init() }, ended: { mysql_thread_end() })
    }

    /// The library must be initialised once, before any thread uses it.
    private static let isLibraryReady: Bool = {
        keepCryptographyUntilExit()
        return tributary_library_init() == 0
    }()
}
#endif
