#if MariaDB
import CMariaDB
import Dispatch
import SourceConnectors
import Synchronization

/// A connect that can be given up while the library still waits for the server.
///
/// The library offers no way to break a connect off, so it runs on a thread of the system's pool. The attempt owns the
/// handle while it runs: when it is given up, it closes the handle once the library has returned, which it does after the
/// time to connect at the latest; otherwise the handle goes back to the caller. Only one of the two uses it at a time.
@safe
final class ConnectAttempt: @unchecked Sendable {
    private enum State {
        case isRunning
        case hasEnded(isConnected: Bool)
        case isGivenUp
    }

    private let handle: UnsafeMutablePointer<MYSQL>
    private let settings: MariaDBConnection
    private let password: String
    private let state = Mutex(State.isRunning)
    private let end = DispatchSemaphore(value: 0)

    /// Takes over a handle whose options are set; the port must be one of TCP.
    init(_ handle: UnsafeMutablePointer<MYSQL>, _ settings: MariaDBConnection, password: String) {
        unsafe self.handle = handle
        self.settings = settings
        self.password = password
    }

    /// Connects; nil when it was given up, and the handle with it, because the session was told to stop.
    func run(isStopped: () -> Bool) -> Bool? {
        DispatchQueue.global().async { self.connect() }
        while end.wait(timeout: .now() + .milliseconds(50)) == .timedOut {
            guard isStopped() else { continue }
            let isGivenUp = state.withLock { state in
                guard case .isRunning = state else { return false }
                state = .isGivenUp
                return true
            }
            if isGivenUp { return nil }
        }
        return state.withLock { state in
            if case .hasEnded(let isConnected) = state { isConnected } else { false }
        }
    }

    private func connect() {
        mysql_thread_init()
        defer { mysql_thread_end() }
        let host: String
        let port: UInt32
        let socket: String?
        switch settings.address {
        case .tcp(let name, let number): (host, port, socket) = (name, UInt32(clamping: number), nil)
        case .socket(let path): (host, port, socket) = ("localhost", 0, path)
        }
        let isConnected = unsafe host.withCString { host in
            unsafe settings.user.withCString { user in
                unsafe password.withCString { password in
                    guard let socket else {
                        return unsafe mysql_real_connect(handle, host, user, password, nil, port, nil, 0)
                            != nil
                    }
                    return unsafe socket.withCString { path in
                        unsafe mysql_real_connect(handle, host, user, password, nil, port, path, 0) != nil
                    }
                }
            }
        }
        let isGivenUp = state.withLock { state in
            if case .isGivenUp = state { return true }
            state = .hasEnded(isConnected: isConnected)
            return false
        }
        if isGivenUp { unsafe mysql_close(handle) } else { end.signal() }
    }
}
#endif
