import Synchronization

/// Messages from many tasks to one that waits for them; it goes on receiving while it is being cancelled.
final class Mailbox<Message: Sendable>: Sendable {
    private struct State {
        var messages: [Message] = []
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Adds a message.
    func send(_ message: Message) {
        let waiter = state.withLock { state in
            state.messages.append(message)
            let waiter = state.waiter
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    /// Waits until there are messages, and takes them all.
    func receive() async -> [Message] {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.messages.isEmpty { state.waiter = continuation }
                return !state.messages.isEmpty
            }
            if isThere { continuation.resume() }
        }
        return state.withLock { state in
            let messages = state.messages
            state.messages = []
            return messages
        }
    }
}
