import Foundation
import Synchronization
import Tributary

/// How far a run is: one line that is written over and over on a terminal, else a plain line now and then.
final class ProgressLine: Sendable {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let begin = ContinuousClock.now
    private let lastShown: Mutex<ContinuousClock.Instant>

    init() {
        // A terminal is told at once, a file or a job's log only of what takes long.
        lastShown = Mutex(isTerminal ? .now.advanced(by: .seconds(-1)) : .now)
    }

    /// Shows how far the run is: ten times a second at most on a terminal, else every ten seconds.
    func show(_ progress: SyncProgress) {
        let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(10)
        let isDue = lastShown.withLock { last in
            guard ContinuousClock.now - last > pause else { return false }
            last = .now
            return true
        }
        guard isDue else { return }
        let failed = progress.tasksFailed > 0 ? ", \(progress.tasksFailed) failed" : ""
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        let rate = Int(Double(progress.rowsRead) / max(seconds, 0.001))
        let share = progress.taskCount > 0 ? 100 * progress.tasksDone / progress.taskCount : 100
        let text =
            "\(progress.tasksDone) of \(progress.taskCount) tasks (\(share) %)\(failed), \(progress.rowsRead) rows read, "
            + "\(rate) a second"
        write(isTerminal ? "\r\u{1B}[K" + bar(share) + text : text + "\n")
    }

    /// Removes the line.
    func clear() {
        if isTerminal { write("\r\u{1B}[K") }
    }

    private func bar(_ share: Int) -> String {
        let full = share / 5
        return "[" + String(repeating: "#", count: full) + String(repeating: "-", count: 20 - full) + "] "
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
