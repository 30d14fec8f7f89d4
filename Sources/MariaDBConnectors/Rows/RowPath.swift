#if MariaDB
import ColumnBatches
import SourceConnectors
import Synchronization

/// The way by which rows come from the library.
enum RowPath: Sendable, Hashable, CaseIterable {
    /// Blocks of bytes past the library, where the transport allows it, else packets.
    case blocks
    /// Packets that the library reads, looked at where they arrive.
    case packets
    /// Values that the library hands over: slower, and nothing but documented functions.
    case statements
}

/// Tests once in a process whether the fast ways read what the portable one reads.
///
/// The fast ways rest on how the library keeps its connections. Where a library of another version does so otherwise,
/// rows of known values come out wrong or not at all, and the portable way is taken from then on.
enum RowPathTest {
    private struct State {
        var verdict: RowPath?
        var hasFailed = false
    }

    private static let state = Mutex(State())

    /// One row of every kind of the protocol, and one of missing values.
    private static let query = """
        SELECT CAST(-5 AS SIGNED), CAST(18446744073709551615 AS UNSIGNED), 1.5e0, CAST(-12.345 AS DECIMAL(12,3)),
            DATE'2024-02-29', TIMESTAMP'2024-02-29 12:34:56.123456', TIME'-25:00:00.5', REPEAT('\u{E9}', 300), x'00FF'
        UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        """

    private static let types: [ColumnType] = [
        .int64, .decimal(precision: 20, scale: 0), .double, .decimal(precision: 12, scale: 3), .date,
        .timestampNTZ,
        .int64, .string, .binary,
    ]

    /// The way to read rows on connections like this one, which must be free; the fastest that works.
    static func path(_ wanted: RowPath, on connection: ServerConnection) throws -> RowPath {
        guard wanted != .statements else { return .statements }
        if let known = state.withLock({ $0.verdict }) { return known == .statements ? .statements : wanted }
        let portable = try connection.values(query, types: types, path: .statements)
        let path: RowPath
        do {
            let fast = try connection.values(query, types: types, path: wanted)
            path = fast == portable ? wanted : .statements
        } catch {
            // A connection may break at any time; a second time in a row it is held against the fast way.
            let isSecond = state.withLock { state in
                defer { state.hasFailed = true }
                return state.hasFailed
            }
            guard isSecond else { throw error }
            path = .statements
        }
        state.withLock { $0.verdict = path }
        return path
    }
}
#endif
