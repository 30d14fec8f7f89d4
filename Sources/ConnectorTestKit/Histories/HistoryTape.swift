import Synchronization

/// A history as it is played: where it stands, and what the source must hold by now.
final class HistoryTape: Sendable {
    private struct State {
        var events: ArraySlice<History.Event>
        var model = SourceModel()
        var trace: [String] = []
    }

    private let state: Mutex<State>

    init(_ history: History) {
        state = Mutex(State(events: history.events[...]))
    }

    /// Whether events are left.
    var isAtEnd: Bool { state.withLock { $0.events.isEmpty } }

    /// What the source must hold.
    var committed: [RowKey: SourceModel.Row] { state.withLock { $0.model.committed } }

    /// What was carried out, in order.
    var trace: [String] { state.withLock { $0.trace } }

    /// Takes the next event.
    func next() -> History.Event? { state.withLock { $0.events.popFirst() } }

    /// Takes the next event when it is a step of the source.
    private func nextStep() -> SourceStep? {
        state.withLock { state in
            guard case .source(let step)? = state.events.first else { return nil }
            state.events.removeFirst()
            return step
        }
    }

    /// Notes something in the trace.
    func note(_ text: String) { state.withLock { $0.trace.append(text) } }

    /// Carries out the steps up to the next event of another kind; `goOn` is taken, all others stay.
    func playPause(_ fixture: some SourceFixture) async throws {
        while let step = nextStep() { try await perform(step, fixture) }
        state.withLock { state in
            if state.events.first == .goOn { state.events.removeFirst() }
        }
    }

    /// Carries out a step, where it makes sense.
    func perform(_ step: SourceStep, _ fixture: some SourceFixture) async throws {
        guard state.withLock({ $0.model.admits(step) }) else { return }
        do {
            try await fixture.perform(step)
        } catch is StepRefused {
            return
        }
        state.withLock { state in
            state.model.apply(step)
            state.trace.append("\(step)")
        }
    }

    /// Ends every statement and transaction.
    func close(_ fixture: some SourceFixture) async throws {
        for id in state.withLock({ $0.model.open }) {
            try await perform(.endLong(id), fixture)
            try await perform(.commit(id), fixture)
        }
    }
}
