/// Which task may start next: within the budgets of host, region and run, the small ones first.
///
/// A value that is told what starts, waits for its commit and ends; it does nothing itself. Tasks wait in one queue
/// for each place (region and host), ordered by their expected size and then as they were given. On its host a task takes
/// as many slots as it opens connections, elsewhere one. A large task gets a
/// slot that no small one can use now; while small ones wait, large ones hold a quarter of the slots at most.
struct FleetSchedule {
    /// What one task is to the schedule.
    struct Entry: Sendable {
        var region: String
        var host: String
        /// The rows that are expected, or nil when nobody knows.
        var expectedRows: Int?
    }

    private struct Place: Hashable {
        var region: String
        var host: String
    }

    private struct Rank: Comparable {
        var isLarge: Bool
        var magnitude: Int
        var index: Int
        var connections: Int

        static func < (left: Rank, right: Rank) -> Bool {
            if left.isLarge != right.isLarge { return right.isLarge }
            if left.magnitude != right.magnitude { return left.magnitude < right.magnitude }
            return left.index < right.index
        }
    }

    private struct Running {
        var place: Place
        var isLarge: Bool
        var holdsSlot: Bool
        var connections: Int
        var bytes: Int
    }

    private let limits: Limits
    private let places: [Place]
    /// The waiting tasks of a place, the next one last.
    private var queues: [Place: [Rank]] = [:]
    private var order: [Place] = []
    private var running: [Int: Running] = [:]
    private var slots = 0
    private var slotsOfRegion: [String: Int] = [:]
    private var slotsOfHost: [String: Int] = [:]
    private var hostLimits: [String: Int] = [:]
    private var largeRunning = 0
    private var smallWaiting = 0
    private(set) var waitingCount = 0
    /// The bytes that running and committing tasks are taken to hold.
    private(set) var bytesInUse = 0

    init(_ entries: [Entry], limits: Limits) {
        self.limits = limits
        places = entries.map { Place(region: $0.region, host: $0.host) }
        for (index, entry) in entries.enumerated() { enqueue(index, expectedRows: entry.expectedRows) }
    }

    /// Whether tasks wait or run.
    var hasWork: Bool { waitingCount > 0 || !running.isEmpty }

    /// Whether tasks wait only because others hold memory that they would give back if they were committed now.
    ///
    /// Where those that still read hold it, commits would make no room, and groups would be torn apart for nothing.
    var waitsForMemory: Bool {
        guard waitingCount > 0, slots < limits.tasks, !hasMemory else { return false }
        let reading = running.values.reduce(0) { $0 + ($1.holdsSlot ? $1.bytes : 0) }
        return slots == 0 || reading + limits.reservedBytes <= limits.memoryBytes
    }

    /// The next task, or nil when none may start now.
    mutating func start() -> Int? {
        guard slots < limits.tasks, hasMemory else { return nil }
        var best: (place: Place, rank: Rank)?
        for place in order {
            guard let rank = queues[place]?.last, isOpen(place, rank.connections) else { continue }
            if rank.isLarge && smallWaiting > 0 && largeRunning >= max(1, limits.tasks / 4) { continue }
            if best.map({ rank < $0.rank }) ?? true { best = (place, rank) }
        }
        guard let best else { return nil }
        queues[best.place]?.removeLast()
        waitingCount -= 1
        if best.rank.isLarge { largeRunning += 1 } else { smallWaiting -= 1 }
        slots += 1
        slotsOfRegion[best.place.region, default: 0] += 1
        slotsOfHost[best.place.host, default: 0] += best.rank.connections
        bytesInUse += limits.reservedBytes
        running[best.rank.index] = Running(
            place: best.place,
            isLarge: best.rank.isLarge,
            holdsSlot: true,
            connections: best.rank.connections,
            bytes: limits.reservedBytes
        )
        return best.rank.index
    }

    /// The task is done with its source: it holds no connection from here on, and only these bytes.
    mutating func release(_ index: Int, retaining bytes: Int) {
        guard var task = running[index] else { return }
        freeSlot(&task)
        bytesInUse += bytes - task.bytes
        task.bytes = bytes
        running[index] = task
    }

    /// The task has ended.
    mutating func end(_ index: Int) {
        guard var task = running.removeValue(forKey: index) else { return }
        freeSlot(&task)
        bytesInUse -= task.bytes
    }

    /// The task wants another start; its size may be known by now.
    mutating func again(_ index: Int, expectedRows: Int?) {
        end(index)
        enqueue(index, expectedRows: expectedRows)
    }

    /// Drops all tasks that wait; those that run go on.
    mutating func stop() -> [Int] {
        let dropped = queues.values.flatMap { $0.map(\.index) }.sorted()
        queues = [:]
        waitingCount = 0
        smallWaiting = 0
        return dropped
    }

    /// How many tasks a host takes now, where that is less than its budget.
    mutating func setLimit(_ limit: Int, ofHost host: String) {
        hostLimits[host] = limit
    }

    private var hasMemory: Bool {
        bytesInUse == 0 || bytesInUse + limits.reservedBytes <= limits.memoryBytes
    }

    private func isOpen(_ place: Place, _ connections: Int) -> Bool {
        let taken = slotsOfHost[place.host, default: 0]
        return slotsOfRegion[place.region, default: 0] < limits.tasksPerRegion
            // A host whose budget was cut below what a task needs takes that one alone.
            && (taken == 0
                || taken + connections <= min(limits.tasksPerHost, hostLimits[place.host] ?? .max))
    }

    private mutating func enqueue(_ index: Int, expectedRows: Int?) {
        let rows = max(expectedRows ?? 0, 0)
        let isLarge = limits.isLarge(rows)
        let magnitude = rows < 4096 ? 0 : (Int.bitWidth - rows.leadingZeroBitCount) / 2
        let rank = Rank(
            isLarge: isLarge,
            magnitude: magnitude,
            index: index,
            connections: limits.connections(expectedRows)
        )
        let place = places[index]
        if queues[place] == nil {
            queues[place] = []
            if !order.contains(place) { order.append(place) }
        }
        var queue = queues[place] ?? []
        queues[place] = nil  // so that the list is not copied
        var low = 0
        var high = queue.count
        while low < high {
            let middle = (low + high) / 2
            if rank < queue[middle] { low = middle + 1 } else { high = middle }
        }
        queue.insert(rank, at: low)
        queues[place] = queue
        waitingCount += 1
        if !isLarge { smallWaiting += 1 }
    }

    private mutating func freeSlot(_ task: inout Running) {
        guard task.holdsSlot else { return }
        task.holdsSlot = false
        slots -= 1
        slotsOfRegion[task.place.region, default: 1] -= 1
        slotsOfHost[task.place.host, default: task.connections] -= task.connections
        if task.isLarge { largeRunning -= 1 }
    }
}
