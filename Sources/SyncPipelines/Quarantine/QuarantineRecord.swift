import SyncLedgers

/// Where the chunks of a load write down what they set aside.
struct QuarantineRecord: Sendable {
    let board: QuarantineBoard
    let run: String
    /// The source's clock, in microseconds since 1970-01-01T00:00:00Z.
    let instant: Int64

    /// Writes down what a sieve took out; to be called before the commit that leaves the rows behind.
    func setAside(_ sieve: RowSieve) async throws {
        try await board.setAside(sieve.outcome(of: .some, run: run, at: instant), of: sieve.identity)
    }
}
