import Foundation
import ObjectStores
import SyncLedgers
@testable import SyncPipelines
import Synchronization
import Testing

@Suite("LeaseBoard") struct LeaseBoardTests {
    private let store = MemoryObjectStore()
    private let task = TaskIdentity(region: "eu/1", client: "a.b~ü", schema: "shop", table: "order.s")

    private func isGranted(_ answer: LeaseBoard.Answer) -> Bool {
        if case .granted = answer { true } else { false }
    }

    @Test("the second to ask is told who holds; once it is given back the next one has it")
    func heldAndReleased() async throws {
        let one = LeaseBoard(store: store, run: "one", duration: .seconds(30))
        let two = LeaseBoard(store: store, run: "two", duration: .seconds(30))
        #expect(try await isGranted(one.acquire(task)))
        guard case .held(let holder) = try await two.acquire(task) else {
            Issue.record("granted twice")
            return
        }
        #expect(holder.run == "one")
        #expect(try await LeaseBoard.held(in: store).map(\.key) == [task])
        await one.renew()
        await one.renew()
        #expect(try await !isGranted(two.acquire(task)))
        await one.release(task)
        #expect(await store.list(LeaseBoard.folder, after: nil).isEmpty)
        #expect(try await isGranted(two.acquire(task)))
    }

    @Test("a lease that was not renewed is taken over after its time")
    func expiry() async throws {
        let time = Mutex(Date(timeIntervalSince1970: 1_700_000_000))
        let now: @Sendable () -> Date = { time.withLock { $0 } }
        let one = LeaseBoard(store: store, run: "one", duration: .seconds(30), now: now)
        let two = LeaseBoard(store: store, run: "two", duration: .seconds(30), now: now)
        #expect(try await isGranted(one.acquire(task)))
        time.withLock { $0 += 29 }
        #expect(try await !isGranted(two.acquire(task)))
        await one.renew()
        time.withLock { $0 += 29 }
        #expect(try await !isGranted(two.acquire(task)))
        time.withLock { $0 += 2 }
        #expect(try await isGranted(two.acquire(task)))
        await one.release(task)
        #expect(try await !isGranted(one.acquire(task)))
    }

    @Test("of forty that ask at once one gets it")
    func race() async throws {
        let now = Date(timeIntervalSince1970: 1_700_000_000)
        let granted = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<40 {
                group.addTask { [store, task] in
                    let board = LeaseBoard(
                        store: store,
                        run: "run \(number)",
                        duration: .seconds(30),
                        now: { now }
                    )
                    guard case .granted? = try? await board.acquire(task) else { return false }
                    return true
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(granted == 1)
    }

    @Test("the lease of a process that is gone counts no more")
    func deadProcess() async throws {
        var holder = LeaseHolder(run: "gone", expiresAt: Date().addingTimeInterval(30))
        holder.process = 4_194_304 + 1  // above every process id
        #expect(!holder.isAlive(at: Date()))
        holder.host = "another"
        #expect(holder.isAlive(at: Date()))
    }
}
