/// How many tasks a source host takes at once: fewer when its answers become slow or break off, more again later.
///
/// Halves at a sign of distress, adds one when an answer is as quick as usual, and changes once a second at most.
struct HostThrottle {
    /// The tasks that the host takes now.
    private(set) var limit: Int
    private let budget: Int
    /// The quickest answers seen, which rises slowly, so that a host which became slower for good is accepted.
    private var usual: Duration?
    private var lastChange: Duration?

    init(budget: Int) {
        self.budget = max(budget, 1)
        limit = self.budget
    }

    /// Takes the time that a small question took; `now` is the time since the run began.
    mutating func record(answer: Duration, at now: Duration) {
        let known = usual ?? answer
        usual = min(answer, known + known / 50)
        let isSlow = answer > known * 2 && answer - known > .milliseconds(20)
        if isSlow {
            back(off: now)
        } else if answer <= known * 3 / 2 || answer - known < .milliseconds(10) {
            guard limit < budget, isSettled(now) else { return }
            limit += 1
            lastChange = now
        }
    }

    /// Takes a lost connection, a refused one or a broken off statement.
    mutating func recordFailure(at now: Duration) {
        back(off: now)
    }

    private mutating func back(off now: Duration) {
        guard isSettled(now) else { return }
        limit = max(1, limit / 2)
        lastChange = now
    }

    private func isSettled(_ now: Duration) -> Bool {
        lastChange.map { now - $0 >= .seconds(1) } ?? true
    }
}
