import SourceConnectors

extension SourceSession {
    /// Describes a task's table as its policies have it, with the task's expression among the candidates for the cursor.
    ///
    /// - Throws: Errors of the source, and what it has against the expression.
    func describe(_ task: SyncTask) async throws -> TableDescription? {
        guard
            var description = try await describe(task.sourceTable, policies: task.template.policies)
        else { return nil }
        if case .expression(let expression) = task.template.cursor,
            let candidate = try await candidate(for: expression, of: task.sourceTable)
        {
            description.cursorCandidates.append(candidate)
        }
        return description
    }
}
