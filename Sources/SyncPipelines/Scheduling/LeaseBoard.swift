import DeltaLog
import FoundationEssentials
import ObjectStores
import SyncLedgers

/// The leases of one run: who works on which partition, as objects in the lake.
///
/// A lease is an object that is put if absent: `tributary/leases/SCHEMA.TABLE/REGION.CLIENT.NUMBER` with owner and
/// expiry. Of the objects of one partition that have not expired, the one with the lowest number holds. It is renewed
/// by an object with the next number, and given back by deleting it. A lease is a courtesy that spares double work:
/// the two transactions in each commit are what keeps data right, also when clocks differ or an owner sleeps too long.
actor LeaseBoard {
    /// Where leases lie in a lake.
    static let folder = "tributary/leases/"

    /// What became of asking for a lease.
    enum Answer: Sendable {
        case granted
        case held(LeaseHolder)
    }

    private let store: any ObjectStore
    private let holder: LeaseHolder
    private let duration: Duration
    private let now: @Sendable () -> Date
    /// The object that holds each lease of this run.
    private var mine: [String: Int] = [:]

    init(
        store: any ObjectStore,
        run: String,
        duration: Duration,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.store = store
        self.duration = duration
        self.now = now
        holder = LeaseHolder(run: run, expiresAt: now())
    }

    /// Whether leases are in use.
    nonisolated var isOn: Bool { duration > .zero }

    /// Asks for the lease of a partition.
    func acquire(_ task: TaskIdentity) async throws -> Answer {
        guard isOn else { return .granted }
        let name = LeaseName(task)
        for _ in 0..<5 {
            let found = try await leases(name)
            if let other = found.first(where: { $0.holder.isAlive(at: now()) }),
                other.holder.run != holder.run
            {
                return .held(other.holder)
            }
            let number = (found.last?.number ?? 0) + 1
            guard try await put(name, number) else { continue }
            // No number is lower than the first; any other may have been overtaken.
            let again = number == 1 ? [] : try await leases(name)
            if let first = again.first(where: { $0.holder.isAlive(at: now()) }), first.number != number,
                first.holder.run != holder.run
            {
                try await store.delete(name.path(number))
                return .held(first.holder)
            }
            mine[name.key] = number
            for old in found { try await store.delete(name.path(old.number)) }
            return .granted
        }
        return .held(LeaseHolder(run: "another run", expiresAt: now()))
    }

    /// Gives a lease back.
    func release(_ task: TaskIdentity) async {
        let name = LeaseName(task)
        guard let number = mine.removeValue(forKey: name.key) else { return }
        try? await store.delete(name.path(number))
    }

    /// Prolongs the leases that are held; call it three times in a lease's duration.
    func renew() async {
        for (key, number) in mine {
            guard let name = LeaseName(key: key) else { continue }
            guard (try? await put(name, number + 1)) == true else { continue }
            let isStillMine = mine[key] == number
            if isStillMine { mine[key] = number + 1 }
            try? await store.delete(name.path(isStillMine ? number : number + 1))
        }
    }

    /// Waits for what becomes of a lease that another run holds.
    ///
    /// - Returns: True when it ran out, so that the work is left to do; false when its owner lives or has finished.
    func waitForExpiry(_ task: TaskIdentity, of other: LeaseHolder) async throws -> Bool {
        let name = LeaseName(task)
        while now() < other.expiresAt {
            try await Task.sleep(for: min(duration / 10, .seconds(2)))
            let found = try await leases(name)
            guard let current = found.first(where: { $0.holder.run == other.run }) else { return false }
            if current.holder.expiresAt > other.expiresAt { return false }
        }
        return true
    }

    /// The leases that are held now, by task.
    static func held(
        in store: any ObjectStore,
        now: Date = Date()
    ) async throws -> [TaskIdentity: LeaseHolder] {
        var held: [TaskIdentity: LeaseHolder] = [:]
        for object in try await store.list(folder, after: nil) {
            guard let (task, _) = LeaseName.parse(object.path),
                let bytes = try? await store.read(object.path), let holder = LeaseHolder(bytes),
                holder.isAlive(at: now), held[task] == nil
            else { continue }
            held[task] = holder
        }
        return held
    }

    private func put(_ name: LeaseName, _ number: Int) async throws -> Bool {
        var holder = holder
        holder.expiresAt = now().addingTimeInterval(duration.seconds)
        do {
            // After a loss of power its holder is gone as well.
            try await store.putTransientIfAbsent(name.path(number), holder.bytes)
            return true
        } catch let error as ObjectStoreError where error.code == .alreadyExists {
            return false
        }
    }

    private func leases(_ name: LeaseName) async throws -> [(number: Int, holder: LeaseHolder)] {
        var found: [(number: Int, holder: LeaseHolder)] = []
        for object in try await store.list(name.folder, after: name.key)
        where object.path.hasPrefix(name.stem) {
            guard let number = Int(object.path.dropFirst(name.stem.count)) else { continue }
            do {
                guard let holder = LeaseHolder(try await store.read(object.path)) else { continue }
                found.append((number, holder))
            } catch let error as ObjectStoreError where error.code == .notFound {
                continue  // given back between the two looks
            }
        }
        return found.sorted { $0.number < $1.number }
    }
}
