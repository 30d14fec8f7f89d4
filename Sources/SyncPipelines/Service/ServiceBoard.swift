public import FoundationEssentials
import Synchronization

/// What others can see of a service: what it does, what it did last, what comes next, what is in its way.
public final class ServiceBoard: Sendable {
    /// The state of a service.
    public struct State: Sendable, Hashable, Codable {
        /// When the service began.
        public var startedAt: Date
        /// When it last looked at what is due; nil before the first look succeeded.
        public var checkedAt: Date?
        /// Whether a run is under way.
        public var isRunning = false
        /// How far the run is that is under way.
        public var progress: SyncProgress?
        /// Tasks that the service is about.
        public var taskCount = 0
        /// Tasks that were due at the last look.
        public var dueCount = 0
        /// When something can become due.
        public var nextAt: Date?
        /// Runs that have ended since the service began.
        public var runCount = 0
        /// What is in the way, such as a roster that cannot be read.
        public var problem: String?
        /// That the clients are those of an earlier answer of the roster's provider, and why.
        public var rosterNote: String?
    }

    private struct Content {
        var state: State
        var lastRun: RunReport?
        var status: StatusReport?
    }

    private let content: Mutex<Content>

    /// Makes the board of a service that begins now.
    public init(at now: Date = Date()) {
        content = Mutex(Content(state: State(startedAt: now)))
    }

    /// The state now.
    public var state: State { content.withLock { $0.state } }

    /// The report of the last run.
    public var lastRun: RunReport? { content.withLock { $0.lastRun } }

    /// Up to where the tasks were in sync after the last run.
    public var status: StatusReport? { content.withLock { $0.status } }

    /// Whether the service can work: its last look succeeded.
    public var isHealthy: Bool { state.problem == nil }

    /// The state and the last run in short, as JSON with sorted keys.
    public var json: String {
        struct Shown: Codable {
            var service: State
            var lastRun: RunReport?
            var status: StatusReport?
        }
        return content.withLock { Shown(service: $0.state, lastRun: $0.lastRun, status: $0.status) }
            .reportJSON
    }

    /// The state as a page that needs nothing else.
    public var html: String {
        content.withLock { ServicePage(state: $0.state, lastRun: $0.lastRun, status: $0.status) }.page
    }

    func note(_ due: DueReport, _ status: StatusReport?) {
        content.withLock { content in
            content.state.checkedAt = due.at
            content.state.taskCount = due.tasks.count
            content.state.dueCount = due.due.count
            content.state.nextAt = due.nextAt
            content.state.problem = nil
            content.state.rosterNote = due.rosterNote
            if let status { content.status = status }
        }
    }

    func note(_ progress: SyncProgress) {
        content.withLock { content in
            content.state.isRunning = true
            content.state.progress = progress
        }
    }

    func note(_ report: RunReport) {
        content.withLock { content in
            content.state.isRunning = false
            content.state.progress = nil
            content.state.runCount += 1
            content.lastRun = report
        }
    }

    func note(problem: String) {
        content.withLock { content in
            content.state.isRunning = false
            content.state.progress = nil
            content.state.problem = problem
        }
    }
}
