import Foundation
import Synchronization
import Tributary

/// One line that is written over and over, on a terminal only.
final class ProgressLine: Sendable {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let lastShown = Mutex(ContinuousClock.now.advanced(by: .seconds(-1)))

    /// Shows how far the run is, ten times a second at most.
    func show(_ progress: SyncProgress) {
        guard isTerminal else { return }
        let isDue = lastShown.withLock { last in
            guard ContinuousClock.now - last > .milliseconds(100) else { return false }
            last = .now
            return true
        }
        guard isDue else { return }
        let failed = progress.tasksFailed > 0 ? ", \(progress.tasksFailed) failed" : ""
        write(
            "\r\u{1B}[K\(progress.tasksDone) of \(progress.taskCount) tasks\(failed), \(progress.rowsRead) rows read"
        )
    }

    /// Removes the line.
    func clear() {
        if isTerminal { write("\r\u{1B}[K") }
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
