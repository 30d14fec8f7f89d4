@testable import SyncPipelines
import Testing

@Suite("Deadline and back-off")
struct DeadlineTests {
    @Test("work that takes too long is cancelled and named", .timeLimit(.minutes(10)))
    func tooLong() async throws {
        let error = await #expect(throws: SyncError.self) {
            try await withDeadline(.milliseconds(50)) { try await Task.sleep(for: .seconds(3600)) }
        }
        #expect(error?.code == .deadline && error?.isTransient == false)
    }

    @Test("work in time returns what it made, and its own errors")
    func inTime() async throws {
        #expect(try await withDeadline(.seconds(60)) { 7 } == 7)
        #expect(try await withDeadline(nil) { 7 } == 7)
        let error = await #expect(throws: SyncError.self) {
            try await withDeadline(.seconds(60)) { throw SyncError(.other, message: "own") }
        }
        #expect(error?.code == .other)
    }

    @Test("pauses grow to a cap with jitter, and end with the attempts or the time")
    func pauses() {
        var limits = Limits(attempts: 12)
        limits.retryTime = .seconds(1000)
        var backoff = Backoff(limits: limits)
        var pauses: [Duration] = []
        while let pause = backoff.next() { pauses.append(pause) }
        #expect(pauses.count == 11 && backoff.attempts == 12)
        #expect(pauses[0] >= .milliseconds(400) && pauses[0] <= .milliseconds(800))
        #expect(pauses.allSatisfy { $0 <= .seconds(15) } && pauses[10] >= .seconds(7.5))
        var late = Backoff(limits: limits)
        #expect(late.next(after: .seconds(1_000)) == nil && late.attempts == 1)
    }
}
