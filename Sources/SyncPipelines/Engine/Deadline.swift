/// Runs work for a limited time; when the time is over it is cancelled, and what it held is released.
///
/// - Parameters:
///   - limit: The time, or nil for no limit.
///   - work: The work.
/// - Returns: What the work returns.
/// - Throws: `SyncError` with code `deadline`, or what the work throws.
func withDeadline<Value: Sendable>(
    _ limit: Duration?,
    _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    guard let limit else { return try await work() }
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        if let value = try await group.next() ?? nil { return value }
        throw SyncError(
            .deadline,
            step: "run",
            message:
                "it took longer than \"taskSeconds\" allows; allow it more, or look at what the source is busy with"
        )
    }
}
