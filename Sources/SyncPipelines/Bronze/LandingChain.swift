import ColumnBatches
import DeltaLog
import DeltaTables

/// The landings of one partition that make up the rows of the lake table, the first one first.
struct LandingChain: Sendable {
    /// The numbers of the landings.
    let landings: [Int64]
    /// The definition of the task by which they came.
    let definition: String

    /// Goes back from a landing to the one that began anew.
    ///
    /// - Throws: `SyncError` when one of them is not in the bronze table.
    init(
        to head: Int64,
        of partition: [String: String?],
        in bronze: DeltaTable,
        _ snapshot: Snapshot
    ) async throws {
        let names = [BronzeTable.landing.name, BronzeTable.follows.name, BronzeTable.definition.name]
        var known: [Int64: (follows: Int64, definition: String)] = [:]
        for try await batch in try bronze.rows(of: snapshot, partition: partition, columns: names) {
            try Task.checkCancellation()
            var last: Int64?
            for row in 0..<batch.rowCount {
                guard case .integer(let landing) = batch.columns[0][row], landing != last,
                    case .integer(let follows) = batch.columns[1][row],
                    case .string(let definition) = batch.columns[2][row]
                else { continue }
                last = landing
                known[landing] = (follows, definition)
            }
        }
        var landings: [Int64] = []
        var next = head
        while next > 0 {
            guard let landing = known[next], landing.follows < next else {
                throw SyncError(
                    .lake,
                    step: "rebuild",
                    message:
                        "the bronze table \(bronze.path) lacks landing \(next) of this client; restore it to a version that "
                        + "has it"
                )
            }
            landings.append(next)
            next = landing.follows
        }
        self.landings = landings.reversed()
        definition = known[head]?.definition ?? ""
    }
}
