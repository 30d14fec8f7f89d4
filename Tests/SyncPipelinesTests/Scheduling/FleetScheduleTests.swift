@testable import SyncPipelines
import Testing

@Suite("FleetSchedule") struct FleetScheduleTests {
    /// Runs a schedule in virtual time; each task takes `seconds`.
    private func simulate(
        _ entries: [FleetSchedule.Entry],
        _ limits: Limits,
        seconds: (Int) -> Double,
        onStart: (FleetSchedule.Entry, [Int]) -> Void = { _, _ in }
    ) -> [Double] {
        var schedule = FleetSchedule(entries, limits: limits)
        var ends: [Double] = Array(repeating: 0, count: entries.count)
        var running: [(end: Double, index: Int)] = []
        var now = 0.0
        while schedule.hasWork {
            while let index = schedule.start() {
                running.append((now + seconds(index), index))
                onStart(entries[index], running.map(\.index))
            }
            guard let next = running.min(by: { $0.end < $1.end }) else { break }
            running.removeAll { $0.index == next.index }
            now = next.end
            ends[next.index] = now
            schedule.end(next.index)
        }
        return ends
    }

    private func percentile95(_ values: some Sequence<Double>) -> Double {
        let sorted = values.sorted()
        return sorted[sorted.count * 95 / 100]
    }

    @Test("small clients beside a huge one finish nearly as if alone", arguments: [1, 2, 4, 8, 16], [1, 3])
    func fairShare(tasks: Int, hosts: Int) {
        var limits = Limits(tasks: tasks)
        limits.tasksPerHost = max(1, tasks / 2)
        var entries = (0..<199).map {
            FleetSchedule.Entry(region: "eu", host: "h\($0 % hosts)", expectedRows: 1000)
        }
        let alone = percentile95(simulate(entries, limits, seconds: { _ in 1 }))
        entries.insert(FleetSchedule.Entry(region: "eu", host: "h0", expectedRows: 2_000_000), at: 0)
        let beside = percentile95(simulate(entries, limits, seconds: { $0 == 0 ? 2000 : 1 }).dropFirst())
        #expect(beside <= alone * 1.3, "\(beside) against \(alone)")
    }

    @Test("budgets of host, region and run hold, and all tasks run")
    func budgets() {
        var limits = Limits(tasks: 7, tasksPerRegion: 5, tasksPerHost: 3)
        limits.memoryBytes = .max
        let entries = (0..<200).map {
            FleetSchedule.Entry(region: "r\($0 % 2)", host: "h\($0 % 3)", expectedRows: nil)
        }
        var most = (run: 0, region: 0, host: 0)
        let ends = simulate(entries, limits, seconds: { Double($0 % 5 + 1) }) { entry, running in
            most.run = max(most.run, running.count)
            most.region = max(most.region, running.count { entries[$0].region == entry.region })
            most.host = max(most.host, running.count { entries[$0].host == entry.host })
        }
        #expect(ends.allSatisfy { $0 > 0 })
        #expect(most.run <= 7 && most.region <= 5 && most.host <= 3, "\(most)")
    }

    @Test("a load in chunks counts on its server as the connections that it opens", arguments: [1, 2, 4, 8])
    func connections(budget: Int) {
        var limits = Limits(tasks: 16, tasksPerHost: budget)
        limits.memoryBytes = .max
        limits.loadConnections = 3
        let entries = (0..<120).map {
            FleetSchedule.Entry(region: "eu", host: "h\($0 % 2)", expectedRows: $0 % 20 == 0 ? 900_000 : 10)
        }
        #expect(limits.connections(900_000) == min(budget, limits.readers + 1))
        var most = 0
        let ends = simulate(entries, limits, seconds: { $0 % 20 == 0 ? 50 : 1 }) { entry, running in
            let here = running.filter { entries[$0].host == entry.host }
            most = max(most, here.reduce(0) { $0 + limits.connections(entries[$1].expectedRows) })
        }
        #expect(most == budget && ends.allSatisfy { $0 > 0 })
    }

    @Test("a host that bears less than a load needs takes it when it does nothing else")
    func throttled() {
        let limits = Limits(tasks: 8, tasksPerHost: 4)
        let entries = [10, 900_000].map {
            FleetSchedule.Entry(region: "eu", host: "h", expectedRows: $0)
        }
        var schedule = FleetSchedule(entries, limits: limits)
        schedule.setLimit(1, ofHost: "h")
        var started = [schedule.start(), schedule.start()]
        schedule.end(0)
        started.append(schedule.start())
        #expect(started == [0, nil, 1])
    }

    @Test("tasks that wait for their commit hold no slot, but their memory")
    func memory() {
        var limits = Limits(tasks: 2)
        limits.memoryBytes = limits.reservedBytes * 3
        let entries = Array(
            repeating: FleetSchedule.Entry(region: "eu", host: "h", expectedRows: nil),
            count: 10
        )
        var schedule = FleetSchedule(entries, limits: limits)
        let started = [schedule.start(), schedule.start(), schedule.start()]
        #expect(started == [0, 1, nil] && !schedule.waitsForMemory)
        schedule.release(0, retaining: limits.reservedBytes)
        schedule.release(1, retaining: limits.reservedBytes)
        let more = [schedule.start(), schedule.start()]
        #expect(more == [2, nil] && schedule.waitsForMemory)
        schedule.end(0)
        let last = schedule.start()
        #expect(last == 3 && schedule.bytesInUse == limits.reservedBytes * 3)
    }

    @Test("commits are hurried only where they would make room, not while readers hold the memory")
    func memoryOfReaders() {
        var limits = Limits(tasks: 5)
        limits.memoryBytes = limits.reservedBytes * 2 + 1 << 20
        let entry = FleetSchedule.Entry(region: "eu", host: "h", expectedRows: nil)
        var schedule = FleetSchedule(Array(repeating: entry, count: 10), limits: limits)
        let started = [schedule.start(), schedule.start(), schedule.start()]
        #expect(started == [0, 1, nil] && !schedule.waitsForMemory)
        schedule.release(0, retaining: 1 << 16)
        let next = [schedule.start(), schedule.start()]
        #expect(next == [2, nil] && !schedule.waitsForMemory)
        schedule.release(1, retaining: limits.reservedBytes)
        let none = schedule.start()
        #expect(none == nil && schedule.waitsForMemory)
        schedule.end(1)
        let last = schedule.start()
        #expect(last == 3)
    }

    @Test("a task that steps back starts last, and a stopped schedule ends")
    func stepBack() {
        let entries = Array(
            repeating: FleetSchedule.Entry(region: "eu", host: "h", expectedRows: nil),
            count: 4
        )
        var schedule = FleetSchedule(entries, limits: Limits(tasks: 1))
        var started = [schedule.start()]
        schedule.again(0, expectedRows: 9_000_000)
        started.append(schedule.start())
        schedule.end(1)
        started.append(schedule.start())
        let dropped = schedule.stop()
        #expect(started == [0, 1, 2] && dropped == [0, 3])
        #expect(schedule.hasWork)
        schedule.end(2)
        #expect(!schedule.hasWork)
    }
}

@Suite("HostThrottle") struct HostThrottleTests {
    @Test("latency that rises halves the tasks within five seconds, and they come back")
    func latency() {
        var throttle = HostThrottle(budget: 8)
        for step in 0..<10 { throttle.record(answer: .milliseconds(4), at: .milliseconds(step * 100)) }
        #expect(throttle.limit == 8)
        var now = Duration.seconds(1)
        while now < .seconds(6) {
            throttle.record(answer: .milliseconds(200), at: now)
            now += .milliseconds(250)
        }
        #expect(throttle.limit <= 4)
        let least = throttle.limit
        while now < .seconds(20) {
            throttle.record(answer: .milliseconds(5), at: now)
            now += .milliseconds(250)
        }
        #expect(throttle.limit == 8 && least >= 1)
    }

    @Test("a host that became slower for good is accepted in the end")
    func newNormal() {
        var throttle = HostThrottle(budget: 4)
        throttle.record(answer: .milliseconds(1), at: .zero)
        for step in 1..<2000 { throttle.record(answer: .milliseconds(80), at: .milliseconds(step * 100)) }
        #expect(throttle.limit == 4)
    }
}
