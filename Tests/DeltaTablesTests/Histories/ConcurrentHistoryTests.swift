import DeltaLog
import Foundation
import Testing

/// Random histories of concurrent work on real tables.
///
/// TRIBUTARY_CONCURRENT_HISTORIES asks for more histories than those that always run; a failure names its seed.
@Suite("Histories of concurrent work") struct ConcurrentHistoryTests {
    static let count =
        ProcessInfo.processInfo.environment["TRIBUTARY_CONCURRENT_HISTORIES"].flatMap { UInt64($0) } ?? 48

    /// The first of some seeds whose history is wrong, and how.
    static func failure(_ seeds: some Sequence<UInt64>, _ mistake: ConcurrentHistory.Mistake = .init())
        async throws -> String?
    {
        for seed in seeds {
            if let problem = try await ConcurrentHistory(seed: seed, mistake: mistake).run().problem {
                return "seed \(seed): \(problem)"
            }
        }
        return nil
    }

    @Test("each equals a serial order, and nothing is refused that the rules allow", arguments: 0..<4)
    func serial(part: UInt64) async throws {
        let failure = try await Self.failure(stride(from: part, to: Self.count, by: 4))
        #expect(failure == nil)
    }

    @Test(
        "a rule that is left out is found",
        arguments: [
            ConflictKind.concurrentAppend, .concurrentDeleteRead, .concurrentTransaction, .metadataChanged,
        ]
    )
    func leftOut(rule: ConflictKind) async throws {
        let mistake = ConcurrentHistory.Mistake(overlooked: [rule])
        #expect(try await Self.failure(0..<10_000, mistake) != nil)
    }

    @Test("a commit that is refused for no reason is found")
    func refusedForNothing() async throws {
        let mistake = ConcurrentHistory.Mistake(readsTooMuch: true)
        #expect(try await Self.failure(0..<10_000, mistake) != nil)
    }

    @Test("the same seed gives the same history, another one another")
    func repeatable() async throws {
        var different: Set<[String]> = []
        for seed in 1...4 as ClosedRange<UInt64> {
            let first = try await ConcurrentHistory(seed: seed).run().trace
            let second = try await ConcurrentHistory(seed: seed).run().trace
            #expect(first == second, "seed \(seed)")
            different.insert(first)
        }
        #expect(different.count == 4)
    }
}
