import DeltaTables
import FoundationEssentials
import SyncLedgers

/// Whether a task is due, and why.
struct DueDecision: Sendable, Hashable {
    var isDue: Bool
    var reason: String
    /// When the last window opened.
    var opened: Date?
    /// When something can change: the next window, or another attempt.
    var next: Date?

    /// Decides about a task.
    ///
    /// A window is served by a run that began after it opened and in which the task did not fail. One run serves all
    /// windows before it, so that missed ones are caught up once.
    ///
    /// - Parameters:
    ///   - schedule: The task's schedule, or nil without one.
    ///   - region: The task's region.
    ///   - runs: What became of the task in runs, in any order; at least all that began since the last window opened.
    ///   - now: The instant that is asked about.
    init(schedule: Schedule?, region: String, runs: [PastRun], at now: Date) {
        guard let schedule else {
            self.init(isDue: false, reason: "has no schedule: it is brought when somebody starts a run")
            return
        }
        let next = schedule.nextOpening(after: now, region: region)
        guard let opened = schedule.lastOpening(upTo: now, region: region) else {
            self.init(isDue: false, reason: "no window has opened yet", next: next)
            return
        }
        let served = runs.filter { $0.wasServed }.map(\.startedAt).max()
        if let served, served >= opened.microseconds {
            let reason = "served by the run of \(Self.text(served))"
            self.init(isDue: false, reason: reason, opened: opened, next: next)
            return
        }
        let window = "the window of \(Self.text(opened.microseconds))"
        if let openFor = schedule.openFor, now.timeIntervalSince(opened) >= openFor.seconds {
            let reason = "\(window) was missed and is closed: caught up in the next one"
            self.init(isDue: false, reason: reason, opened: opened, next: next)
            return
        }
        let failures = runs.filter { $0.hasFailed && $0.startedAt >= opened.microseconds }
        if let last = failures.map(\.finishedAt).max() {
            let again = Date(microseconds: last).addingTimeInterval(Self.pause(after: failures.count))
            guard now >= again else {
                let reason =
                    "failed \(failures.count) times since \(window) opened: tried again from \(Self.text(again.microseconds)) on"
                self.init(isDue: false, reason: reason, opened: opened, next: min(again, next ?? again))
                return
            }
            self.init(
                isDue: true,
                reason: "\(window) is open, and the last try failed",
                opened: opened,
                next: next
            )
            return
        }
        guard let served else {
            self.init(
                isDue: true,
                reason: "\(window) is open, and no run is known",
                opened: opened,
                next: next
            )
            return
        }
        var missed = -1
        var opening = Date(microseconds: served)
        while let following = schedule.nextOpening(after: opening, region: region), following <= opened,
            missed < 100
        {
            (opening, missed) = (following, missed + 1)
        }
        let others =
            missed > 0
            ? "; \(missed < 100 ? "\(missed)" : "over 100") before it were missed and are caught up by the same run"
            : ""
        self.init(isDue: true, reason: "\(window) is open\(others)", opened: opened, next: next)
    }

    private init(isDue: Bool, reason: String, opened: Date? = nil, next: Date? = nil) {
        (self.isDue, self.reason, self.opened, self.next) = (isDue, reason, opened, next)
    }

    /// How long a task rests after failures in one window, in seconds: five minutes, doubled up to an hour.
    private static func pause(after failures: Int) -> Double {
        min(300 * Double(1 << min(failures - 1, 4)), 3600)
    }

    private static func text(_ microseconds: Int64) -> String {
        CalendarText.instant(microseconds, digits: 0) + "Z"
    }
}

extension PastRun {
    /// Whether the task failed; a run that was told to stop is no failure.
    fileprivate var hasFailed: Bool {
        outcome == TaskOutcome.failed.rawValue && errorCode != SyncError.Code.cancelled.description
    }

    /// Whether the task was brought: everything but a failure, a lease of another run, and operations that bring no news.
    fileprivate var wasServed: Bool {
        let others: [TaskOutcome] = [.failed, .held, .reset, .backfilled, .moved]
        return !others.contains { $0.rawValue == outcome }
    }
}

extension Date {
    /// An instant, from microseconds since 1970-01-01T00:00:00Z.
    fileprivate init(microseconds: Int64) {
        self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000)
    }
}
