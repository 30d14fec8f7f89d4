#if MariaDB
import CMariaDB
import SourceConnectors
import Synchronization

/// Keeps a wrong password from being tried again and again, which would lock the account or block this host.
///
/// Until an account has been let in once, one session at a time tries to log in; the others wait. Once it was refused,
/// nobody tries the same password again while the connector lives. Another password is another try.
final class LoginGate: Sendable {
    private struct Account: Hashable {
        var address: MariaDBConnection.Address
        var user: String
    }

    private enum State {
        case isTrying
        case isLetIn
        case isRefused(SourceError, password: Int)
    }

    private let states = Mutex<[Account: State]>([:])

    /// Logs in, or throws what the server said to the same account and password before.
    ///
    /// `isStopped` tells whether the session was told to stop while it waits for its turn.
    func login(
        _ settings: MariaDBConnection,
        password: String,
        source: Source,
        isStopped: () -> Bool,
        _ connect: () throws -> Void
    ) throws {
        let account = Account(address: settings.address, user: settings.user)
        // A hash with the process's own seed, so that no secret is kept.
        let hash = password.hashValue
        let isFirst = try waitForTurn(account, hash, source, isStopped)
        do {
            try connect()
            states.withLock { $0[account] = .isLetIn }
        } catch {
            let refusal = (error as? SourceError).flatMap { error in
                error.code == .accessDenied ? State.isRefused(error, password: hash) : nil
            }
            states.withLock { states in
                if refusal != nil || isFirst { states[account] = refusal }
            }
            throw error
        }
    }

    /// Waits while another session finds out whether the account is let in; true when it is this one's turn to.
    private func waitForTurn(
        _ account: Account,
        _ password: Int,
        _ source: Source,
        _ isStopped: () -> Bool
    ) throws -> Bool {
        while true {
            let turn: Bool? = try states.withLock { states in
                switch states[account] {
                case .isLetIn: return false
                case .isTrying: return nil
                case .isRefused(var error, let refused) where refused == password:
                    error.source = source
                    error.message += "; it was refused before in this run and is not tried again"
                    throw error
                case .isRefused, nil:
                    states[account] = .isTrying
                    return true
                }
            }
            if let turn { return turn }
            if isStopped() {
                throw SourceError(.cancelled, source: source, message: "the task was cancelled")
            }
            tributary_pause(5_000)
        }
    }
}
#endif
