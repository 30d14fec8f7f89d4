#if Services
public import ServiceLifecycle
public import SourceConnectors
public import SyncPipelines

/// Runs what is due as a service of swift-service-lifecycle.
///
/// A graceful shutdown ends a run under way: statements at the servers are broken off, what is ready is committed, the
/// leases are given back, and the next run continues.
public struct SyncService<Connector: SourceConnector>: Service {
    /// What the service does.
    public let runs: ScheduledRuns<Connector>

    /// Makes a service.
    public init(_ runs: ScheduledRuns<Connector>) {
        self.runs = runs
    }

    /// Works until a graceful shutdown or the end of the calling task.
    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await runs.run() }
        } catch is CancellationError {
            return
        }
    }
}
#endif
