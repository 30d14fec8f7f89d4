import FoundationEssentials

/// Names that nothing else has: UUIDs in lower case, drawn by lot unless the task decides them.
package enum UniqueName {
    /// What makes the names within a task, so that a history can be played again.
    @TaskLocal package static var source: (@Sendable () -> String)?

    /// A new name.
    package static func make() -> String { source?() ?? UUID().uuidString.lowercased() }
}
