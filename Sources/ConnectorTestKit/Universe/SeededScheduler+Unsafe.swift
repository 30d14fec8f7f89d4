import Synchronization

/// Runs tasks one step at a time, in an order that a seed decides: the same seed, the same interleaving.
///
///     let report = try await SeededScheduler(seed: 7).run { try await pipeline.run(selection) }
///
/// Everything that the body starts inside itself runs here: child tasks, and actors without an executor of their
/// own. What waits for real time, such as a pause before another attempt, comes back when it comes back; a trace is
/// the same again only where nothing does.
public final class SeededScheduler: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var random: SeededGenerator
        var isRunning = false
    }

    private let state: Mutex<State>

    /// Makes a scheduler.
    public init(seed: UInt64) {
        state = Mutex(State(random: SeededGenerator(seed: seed)))
    }

    /// Runs a body, and everything that it starts inside itself, step by step.
    public func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws
        -> Result
    {
        try await Task(executorPreference: self) { try await body() }.value
    }

    /// Takes a step to be run; called by the runtime.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let mustStart = state.withLock { state in
            state.jobs.append(job)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if mustStart { Task.detached { self.runAll() } }
    }

    /// Runs steps for as long as there are any; only one call is under way at any time.
    private func runAll() {
        while let job = next() {
            // The job was handed over by the runtime in `enqueue` and is run exactly once; the scheduler lives at
            // least as long as this call.
            unsafe job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }

    private func next() -> UnownedJob? {
        state.withLock { state in
            guard !state.jobs.isEmpty else {
                state.isRunning = false
                return nil
            }
            let index = Int.random(in: 0..<state.jobs.count, using: &state.random)
            return state.jobs.remove(at: index)
        }
    }
}
