import SourceConnectors

extension SourceSession {
    /// Describes a task's table as its policies have it, with the task's expression among the candidates for the cursor.
    ///
    /// - Parameters:
    ///   - task: The task.
    ///   - isShape: Whether the number of rows is not needed.
    /// - Returns: The description, or nil when there is no such table.
    /// - Throws: Errors of the source, and what it has against the expression.
    func describe(_ task: SyncTask, shape isShape: Bool = false) async throws -> TableDescription? {
        let policies = task.template.policies
        let table = task.sourceTable
        guard
            var description = isShape
                ? try await describeShape(of: table, policies: policies)
                : try await describe(table, policies: policies)
        else { return nil }
        if case .expression(let expression) = task.template.cursor,
            let candidate = try await candidate(for: expression, of: table)
        {
            description.cursorCandidates.append(candidate)
        }
        return description
    }
}
