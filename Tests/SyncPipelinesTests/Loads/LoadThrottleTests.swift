import SourceConnectors
@testable import SyncPipelines
import Testing

@Suite("LoadThrottle") struct LoadThrottleTests {
    private func pressure(_ milliseconds: Int, lag: Int? = nil) -> SourcePressure {
        SourcePressure(answer: .milliseconds(milliseconds), lag: lag.map { .seconds($0) })
    }

    @Test("slow answers halve the readers within five seconds, quick ones bring them back one by one")
    func latency() {
        var throttle = LoadThrottle(readers: 8, lagLimit: .seconds(60))
        #expect(throttle.record(pressure(1), at: .seconds(0)) == 8)
        #expect(throttle.record(pressure(90), at: .seconds(1)) == 4)
        #expect(throttle.record(pressure(90), at: .seconds(2)) == 2)
        #expect(throttle.record(pressure(90), at: .seconds(3)) == 1)
        #expect(throttle.record(pressure(90), at: .seconds(4)) == 1)
        #expect(throttle.record(pressure(1), at: .seconds(5)) == 2)
        #expect(throttle.record(pressure(1), at: .seconds(6)) == 3)
    }

    @Test("a replica that lags is left alone until it has caught up, but not for ever")
    func lag() {
        var throttle = LoadThrottle(readers: 2, lagLimit: .seconds(60))
        #expect(throttle.record(pressure(1, lag: 60), at: .seconds(0)) == 2)
        #expect(throttle.record(pressure(1, lag: 61), at: .seconds(1)) == 0)
        #expect(throttle.record(pressure(1, lag: 70), at: .seconds(30)) == 0)
        #expect(throttle.record(pressure(1, lag: 80), at: .seconds(31)) == 1)
        #expect(throttle.record(pressure(1, lag: 80), at: .seconds(32)) == 0)
        #expect(throttle.record(pressure(1, lag: 5), at: .seconds(33)) == 2)
    }
}

@Suite("ChunkSizer") struct ChunkSizerTests {
    @Test("a chunk is what fills a file, what takes some seconds, or the most rows, whichever is least")
    func sizes() {
        var sizer = ChunkSizer(maximumRows: 8_000, rangeRows: 1_000, targetBytes: 1_000_000)
        #expect(sizer.ranges(remaining: 100, readers: 2) == 1)
        sizer.record(ranges: 1, rows: 1_000, bytes: 10_000, time: .milliseconds(100))
        #expect(sizer.ranges(remaining: 100, readers: 2) == 8)
        var wide = ChunkSizer(maximumRows: 8_000, rangeRows: 1_000, targetBytes: 1_000_000)
        wide.record(ranges: 1, rows: 1_000, bytes: 500_000, time: .milliseconds(100))
        #expect(wide.ranges(remaining: 100, readers: 2) == 2)
        var slow = ChunkSizer(maximumRows: 8_000, rangeRows: 1_000, targetBytes: 1_000_000)
        slow.record(ranges: 1, rows: 1_000, bytes: 10_000, time: .seconds(2))
        #expect(slow.ranges(remaining: 100, readers: 2) == 2)
    }

    @Test("a chunk's files are of one size, and larger the more was read")
    func files() {
        var sizer = ChunkSizer(maximumRows: 8_000, rangeRows: 1_000, targetBytes: 1_000_000)
        #expect(sizer.fileBytes(ranges: 1, first: 30_000) == 30_000)
        sizer.record(ranges: 1, rows: 1_000, bytes: 10_000, time: .milliseconds(100))
        // 80,000 bytes: two files of 40,000, and room for an eighth more in each.
        #expect(sizer.fileBytes(ranges: 8, first: 30_000) == 45_000)
        #expect(sizer.fileBytes(ranges: 1, first: 30_000) == 11_250)
        for _ in 0..<8 { sizer.record(ranges: 8, rows: 8_000, bytes: 80_000, time: .milliseconds(800)) }
        #expect(sizer.fileBytes(ranges: 8, first: 30_000) == 90_000)
        #expect(sizer.fileBytes(ranges: 800, first: 30_000) < 100_000)
        #expect(sizer.fileBytes(ranges: 1, first: 30_000_000) == 11_250)
    }

    @Test("what is left is shared out, and ranges without rows are taken together")
    func ends() {
        var sizer = ChunkSizer(maximumRows: 8_000, rangeRows: 1_000, targetBytes: 1_000_000)
        sizer.record(ranges: 1, rows: 1_000, bytes: 10_000, time: .milliseconds(100))
        #expect(sizer.ranges(remaining: 6, readers: 2) == 3)
        #expect(sizer.ranges(remaining: 3, readers: 2) == 2)
        #expect(sizer.ranges(remaining: 1, readers: 2) == 1)
        for _ in 0..<20 { sizer.record(ranges: 8, rows: 0, bytes: 0, time: .milliseconds(1)) }
        #expect(sizer.ranges(remaining: 100_000, readers: 2) > 1_000)
    }
}
