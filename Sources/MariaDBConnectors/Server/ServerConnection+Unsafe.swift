#if MariaDB
import CMariaDB
import SourceConnectors

/// One connection to a server; used on the thread of its session only.
///
/// The class owns the library's handle from the connect on until `close`, and nobody else keeps it.
@safe
final class ServerConnection {
    /// What a connection is for, which decides how its session is set up.
    enum Role: Sendable {
        case control
        case snapshot
        case uncommitted
    }

    /// The settings it was made with.
    let settings: MariaDBConnection
    /// The source, for errors.
    private(set) var source: Source
    /// The server's number of the connection.
    private(set) var id: UInt64 = 0
    /// The cipher that protects the connection, or nil when it is plain.
    private(set) var encryption: String?
    /// The way by which rows come; the portable one until a faster one has been tested.
    var rowPath = RowPath.statements
    /// What it was set up for.
    var role: Role?
    /// What tells its server from any other, once that is known.
    var identity: String?
    /// Says that the connection is there, until it ends.
    var presence: ServerActivity.Presence?
    /// Whether a statement was at work when the session was told to stop.
    private(set) var wasInterrupted = false
    private var stopper: SessionStopper
    private var handle: UnsafeMutablePointer<MYSQL>?
    private var descriptor: Int32 = -1

    /// Connects; the session of the connection is not set up yet.
    init(_ settings: MariaDBConnection, source: Source, stopper: SessionStopper, gate: LoginGate) throws {
        self.settings = settings
        self.source = source
        self.stopper = stopper
        let password = try settings.password.resolve()
        guard let handle = unsafe mysql_init(nil) else {
            throw SourceError(.invalid, source: source, message: "no memory is left for a connection")
        }
        unsafe self.handle = handle
        unsafe setOptions(handle)
        do {
            try gate.login(
                settings,
                password: password,
                source: source,
                isStopped: { stopper.isStopped },
                { try unsafe connect(handle, password: password) }
            )
        } catch {
            close()
            throw error
        }
        if let cipher = unsafe mysql_get_ssl_cipher(handle) {
            encryption = unsafe String(cString: cipher)
        }
        guard encryption != nil || settings.requiredCertificates == nil else {
            close()
            throw SourceError(
                .insecure,
                source: source,
                message:
                    "the server did not encrypt the connection; set up TLS there, or disable it by choice"
            )
        }
        id = unsafe UInt64(mysql_thread_id(handle))
        descriptor = unsafe tributary_duplicate_socket(handle)
        stopper.add(descriptor)
    }

    deinit { close() }

    /// The server's version, in its own words.
    var version: String {
        guard let handle = unsafe handle, let text = unsafe mysql_get_server_info(handle) else { return "" }
        return unsafe String(cString: text)
    }

    /// Whether the connection is still to be used.
    var isOpen: Bool { unsafe handle != nil }

    /// Ends the connection; harmless when it has ended before.
    func close() {
        guard let handle = unsafe handle else { return }
        unsafe self.handle = nil
        presence = nil
        // The library says goodbye and lets go of its socket; ours stays until the server has let go as well, so that a
        // connection which is made next is never one too many there.
        unsafe mysql_close(handle)
        guard descriptor >= 0 else { return }
        if !stopper.isStopped { tributary_await_end(descriptor, Self.goodbyeMilliseconds) }
        stopper.remove(descriptor)
    }

    /// Leaves its session; false when it is of no use to another one.
    func rest() -> Bool {
        guard let handle = unsafe handle, !wasInterrupted, identity != nil,
            unsafe tributary_is_in_transaction(handle) == 0, stopper.release(descriptor)
        else { return false }
        stopper = SessionStopper()
        stopper.add(descriptor)
        return true
    }

    /// Joins a session after it has left another.
    func resume(for source: Source, stopper: SessionStopper) {
        self.source = source
        _ = self.stopper.release(descriptor)
        self.stopper = stopper
        stopper.add(descriptor)
    }

    /// Whether the server has neither closed the connection nor sent anything that nobody asked for.
    var isQuiet: Bool { isOpen && descriptor >= 0 && tributary_is_quiet(descriptor) != 0 }

    /// How long a closed connection is waited for.
    private static let goodbyeMilliseconds: Int32 = 250

    /// Runs a statement that returns no rows.
    func run(_ statement: String) throws {
        let handle = try unsafe openHandle()
        let status = unsafe statement.withCString { text in
            unsafe mysql_real_query(handle, text, UInt(statement.utf8.count))
        }
        guard status == 0 else { throw lastError(table: nil) }
        if let result = unsafe mysql_use_result(handle) { unsafe mysql_free_result(result) }
    }

    /// Sends a statement that returns no rows, and does not wait for the answer, so that other connections can be sent
    /// theirs at nearly the same instant; `finish()` must come next.
    func send(_ statement: String) throws {
        let handle = try unsafe openHandle()
        let status = unsafe statement.withCString { text in
            unsafe mysql_send_query(handle, text, UInt(statement.utf8.count))
        }
        guard status == 0 else { throw lastError(table: nil) }
    }

    /// Waits for the answer to what was sent.
    func finish() throws {
        let handle = try unsafe openHandle()
        guard unsafe mysql_read_query_result(handle) == 0 else { throw lastError(table: nil) }
        if let result = unsafe mysql_use_result(handle) { unsafe mysql_free_result(result) }
    }

    /// Runs a statement whose columns differ from server to server; what it returns comes by name, as the server writes it.
    func textRows(_ statement: String) throws -> [[String: String]] {
        let handle = try unsafe openHandle()
        let status = unsafe statement.withCString { text in
            unsafe mysql_real_query(handle, text, UInt(statement.utf8.count))
        }
        guard status == 0 else { throw lastError(table: nil) }
        // The library holds the whole result until it is freed, and its fields and rows with it.
        guard let result = unsafe mysql_store_result(handle) else {
            guard unsafe mysql_errno(handle) == 0 else { throw lastError(table: nil) }
            return []
        }
        defer { unsafe mysql_free_result(result) }
        let count = unsafe Int(mysql_num_fields(result))
        guard let fields = unsafe mysql_fetch_fields(result) else { return [] }
        var rows: [[String: String]] = []
        while let row = unsafe mysql_fetch_row(result) {
            var values: [String: String] = [:]
            for index in 0..<count {
                // A row has as many pointers as there are fields; a missing value is none.
                guard let name = unsafe fields[index].name, let value = unsafe row[index] else { continue }
                unsafe values[String(cString: name)] = String(cString: value)
            }
            rows.append(values)
        }
        return rows
    }

    /// The handle, or an error when the connection has ended.
    func openHandle() throws -> UnsafeMutablePointer<MYSQL> {
        guard let handle = unsafe handle else {
            throw ServerFailure(number: 2006, text: "the connection has ended")
                .error(source: source, table: nil, isStopped: stopper.isStopped)
        }
        return unsafe handle
    }

    /// The error that the library holds for the connection.
    func lastError(table: TableName?) -> SourceError {
        guard let handle = unsafe handle else {
            return error(number: 2006, text: "the connection has ended", table: table)
        }
        return unsafe error(
            number: Int(mysql_errno(handle)),
            text: String(cString: mysql_error(handle)),
            table: table
        )
    }

    /// An error of the library or the server, as callers see it.
    func error(number: Int, text: String, table: TableName?) -> SourceError {
        if stopper.isStopped { wasInterrupted = true }
        return ServerFailure(number: number, text: text).error(
            source: source,
            table: table,
            isStopped: stopper.isStopped
        )
    }

    private func setOptions(_ handle: UnsafeMutablePointer<MYSQL>) {
        unsafe tributary_option_uint(handle, MYSQL_OPT_CONNECT_TIMEOUT, settings.connectTimeout.wholeSeconds)
        unsafe tributary_option_uint(handle, MYSQL_OPT_READ_TIMEOUT, settings.readTimeout.wholeSeconds)
        unsafe tributary_option_uint(handle, MYSQL_OPT_WRITE_TIMEOUT, settings.writeTimeout.wholeSeconds)
        unsafe tributary_option_uint(handle, MYSQL_OPT_LOCAL_INFILE, 0)
        unsafe tributary_option_flag(handle, MYSQL_OPT_RECONNECT, 0)
        // A row may be as large as the protocol allows; the server's own limit applies first.
        unsafe tributary_option_ulong(handle, MYSQL_OPT_MAX_ALLOWED_PACKET, 1 << 30)
        unsafe "utf8mb4".withCString {
            _ = unsafe tributary_option_text(handle, MYSQL_SET_CHARSET_NAME, $0)
        }
        unsafe settings.applicationName.withCString { name in
            _ = unsafe "program_name".withCString { unsafe tributary_connect_attribute(handle, $0, name) }
        }
        // The server may ask for no method but these, and so for none that shows the password.
        unsafe settings.logins.joined(separator: ",").withCString {
            _ = unsafe tributary_option_text(handle, MARIADB_OPT_RESTRICTED_AUTH, $0)
        }
        if let first = settings.logins.first, !settings.logins.contains("mysql_native_password") {
            // Otherwise the library begins with the server's own choice, which is that one, and refuses it.
            unsafe setText(handle, MYSQL_DEFAULT_AUTH, first)
        }
        guard let certificates = settings.requiredCertificates else { return }
        unsafe tributary_option_flag(handle, MYSQL_OPT_SSL_ENFORCE, 1)
        unsafe tributary_option_flag(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, 1)
        unsafe setText(handle, MARIADB_OPT_TLS_VERSION, "TLSv1.2,TLSv1.3")
        unsafe setText(handle, MYSQL_OPT_SSL_CA, certificates.authority)
        unsafe setText(handle, MYSQL_OPT_SSL_CERT, certificates.certificate)
        unsafe setText(handle, MYSQL_OPT_SSL_KEY, certificates.key)
    }

    /// Sets an option that is a text; the library copies it.
    private func setText(_ handle: UnsafeMutablePointer<MYSQL>, _ option: mysql_option, _ text: String?) {
        guard let text else { return }
        unsafe text.withCString { _ = unsafe tributary_option_text(handle, option, $0) }
    }

    private func connect(_ handle: UnsafeMutablePointer<MYSQL>, password: String) throws {
        var transport = MYSQL_PROTOCOL_SOCKET
        if case .tcp(_, let port) = settings.address {
            // Without it, the name localhost would mean the default socket.
            transport = MYSQL_PROTOCOL_TCP
            guard (0...65_535).contains(port) else {
                throw SourceError(.invalid, source: source, message: "\(port) is no TCP port")
            }
        }
        unsafe tributary_option_uint(handle, MYSQL_OPT_PROTOCOL, UInt32(transport.rawValue))
        let attempt = unsafe ConnectAttempt(handle, settings, password: password)
        guard let isConnected = attempt.run(isStopped: { stopper.isStopped }) else {
            // The attempt closes the handle when the library lets go of it.
            unsafe self.handle = nil
            throw SourceError(
                .cancelled,
                source: source,
                message: "the task was cancelled while it waited for the server to answer"
            )
        }
        guard !isConnected else { return }
        let error = lastError(table: nil)
        close()
        throw error
    }
}

extension Duration {
    /// Whole seconds, rounded up and never zero, which the client library takes for no limit.
    var wholeSeconds: UInt32 {
        let (seconds, attoseconds) = components
        return UInt32(
            clamping: max(1, attoseconds > 0 ? seconds.addingReportingOverflow(1).partialValue : seconds)
        )
    }
}
#endif
