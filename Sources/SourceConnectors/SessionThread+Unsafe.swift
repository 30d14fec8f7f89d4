import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A thread on which the tasks of one session run, so that calls that block hold up nobody else.
///
///     let thread = try SessionThread.start()
///     defer { thread.stop() }
///     return try await withTaskExecutorPreference(thread) { try await readEverything() }
///
/// What is called so must be `@concurrent`: setting the preference alone moves nothing.
///
/// The thread keeps itself alive until it is told to stop and has run what was enqueued before; the runtime refers
/// to an executor without owning it.
public final class SessionThread: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var isStopping = false
    }

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)
    private let began: @Sendable () -> Void
    private let ended: @Sendable () -> Void

    private init(began: @escaping @Sendable () -> Void, ended: @escaping @Sendable () -> Void) {
        self.began = began
        self.ended = ended
    }

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - began: What the thread does first, such as to announce itself to a library.
    ///   - ended: What it does last.
    /// - Returns: The thread, which waits for jobs.
    /// - Throws: `SourceError` with code `invalid`, which is transient, when the system has no thread left.
    public static func start(
        began: @escaping @Sendable () -> Void = {},
        ended: @escaping @Sendable () -> Void = {}
    ) throws(SourceError) -> SessionThread {
        let thread = SessionThread(began: began, ended: ended)
        #if canImport(Darwin)
        var handle: pthread_t?
        #else
        var handle = pthread_t()
        #endif
        // The retained reference is taken over, and released at the end, by the thread's own function.
        let reference = unsafe Unmanaged.passRetained(thread)
        let status = unsafe pthread_create(
            &handle,
            nil,
            { argument in
                #if canImport(Darwin)
                let pointer: UnsafeMutableRawPointer? = unsafe argument
                #else
                let pointer = unsafe argument
                #endif
                if let pointer = unsafe pointer {
                    unsafe Unmanaged<SessionThread>.fromOpaque(pointer).takeRetainedValue().run()
                }
                return nil
            },
            reference.toOpaque()
        )
        guard status == 0 else {
            unsafe reference.release()
            throw SourceError(
                .invalid,
                isTransient: true,
                message:
                    "no thread for a session can be started (error \(status)); run fewer sessions at once"
            )
        }
        #if canImport(Darwin)
        if let handle = unsafe handle { unsafe pthread_detach(handle) }
        #else
        pthread_detach(handle)
        #endif
        return thread
    }

    /// Runs a job on the thread, after those that were enqueued before.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        wake.signal()
    }

    /// Lets the thread end once it has run what is enqueued.
    public func stop() {
        state.withLock { $0.isStopping = true }
        wake.signal()
    }

    private func run() {
        began()
        defer { ended() }
        while true {
            wake.wait()
            let (job, isStopping) = state.withLock { state in
                (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isStopping)
            }
            if let job {
                unsafe job.runSynchronously(on: asUnownedTaskExecutor())
            } else if isStopping {
                return
            }
        }
    }
}
