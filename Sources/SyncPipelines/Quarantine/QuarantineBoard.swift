import ObjectStores
import SyncLedgers

/// The open entries of the tasks of a run, and where they are written down.
actor QuarantineBoard {
    private let table: QuarantineTable
    private let run: String
    private var open: [TaskIdentity: [QuarantineEntry]]
    /// Why the quarantine could not be read; nobody who needs it may go on then.
    private let failure: (any Error)?

    init(_ store: any ObjectStore, run: String, entries: [QuarantineEntry] = [], failure: (any Error)? = nil)
    {
        table = QuarantineTable(store: store)
        self.run = run
        self.failure = failure
        open = Dictionary(grouping: entries.filter { $0.state == .open }, by: \.task)
    }

    /// What the quarantine of a lake holds; it is not looked at where no task sets rows aside.
    static func known(in store: any ObjectStore, run: String, isNeeded: Bool) async -> QuarantineBoard {
        guard isNeeded else { return QuarantineBoard(store, run: run) }
        do {
            let entries = try await QuarantineTable(store: store).entries()
            return QuarantineBoard(store, run: run, entries: entries)
        } catch {
            return QuarantineBoard(store, run: run, failure: error)
        }
    }

    /// The open entries of a task, in the order of their keys.
    func entries(of task: TaskIdentity) throws -> [QuarantineEntry] {
        if let failure { throw failure }
        return (open[task] ?? []).sorted { $0.key < $1.key }
    }

    /// Writes down what is set aside; to be called before the commit that leaves the rows behind.
    func setAside(_ outcome: QuarantineOutcome, of task: TaskIdentity) async throws {
        guard !outcome.setAside.isEmpty else { return }
        keep(try await table.open(outcome.setAside, of: task), of: task)
    }

    /// Writes down what is settled; to be called after the commit that brought the rows.
    ///
    /// The other order would lose a row whose commit another run's made needless.
    func settle(_ outcome: QuarantineOutcome, of task: TaskIdentity) async throws {
        guard !outcome.cured.isEmpty || !outcome.gone.isEmpty else { return }
        let entries = try await table.close(
            cured: outcome.cured,
            gone: outcome.gone,
            of: task,
            run: run,
            at: outcome.instant
        )
        keep(entries, of: task)
    }

    private func keep(_ entries: [QuarantineEntry], of task: TaskIdentity) {
        open[task] = entries.filter { $0.state == .open }
    }
}
