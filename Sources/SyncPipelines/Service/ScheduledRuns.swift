import FoundationEssentials
public import Logging
public import SourceConnectors

/// Runs what is due, again and again, until it is cancelled.
///
///     let runs = ScheduledRuns(selection: TaskSelection(regions: .all)) {
///         SyncPipeline(configuration: configuration, roster: try await provider.roster(), connector: connector, lake: lake)
///     }
///     try await runs.run()
///
/// The pipeline is made anew for each look, so that a changed roster or configuration counts from the next one. What is
/// due follows from the lake: a service that was down catches up each missed window once, and two services beside one
/// another do no work twice.
public struct ScheduledRuns<Connector: SourceConnector>: Sendable {
    /// The tasks that the service is about.
    public var selection: TaskSelection
    /// How long to wait at most before looking again.
    public var interval: Duration = .seconds(30)
    /// What others can see of the service.
    public let board: ServiceBoard
    /// Where events are logged.
    public var logger = Logger(label: "tributary.service")
    /// Is told of each run as it ends.
    public var finished: (@Sendable (RunReport) async -> Void)?
    var clock: @Sendable () -> Date = { Date() }
    var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    private let makePipeline: @Sendable () async throws -> SyncPipeline<Connector>

    /// Makes a service; nothing is read yet.
    ///
    /// - Parameters:
    ///   - selection: The tasks that it is about.
    ///   - board: What others can see of it.
    ///   - pipeline: Makes the pipeline of each look.
    public init(
        selection: TaskSelection,
        board: ServiceBoard = ServiceBoard(),
        pipeline: @escaping @Sendable () async throws -> SyncPipeline<Connector>
    ) {
        self.selection = selection
        self.board = board
        makePipeline = pipeline
    }

    /// Looks and runs until the calling task is cancelled; a look that fails is logged, shown, and tried again.
    ///
    /// - Throws: `CancellationError` when the calling task is cancelled.
    public func run() async throws {
        while true {
            var pause = interval
            do {
                pause = try await look()
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                logger.error("the service cannot work", metadata: ["error": "\(error)"])
                board.note(problem: "\(error)")
            }
            try Task.checkCancellation()
            try await sleep(pause)
        }
    }

    /// Brings what is due now, and says how long nothing will be.
    private func look() async throws -> Duration {
        var pipeline = try await makePipeline()
        let due = try await pipeline.due(selection, at: clock())
        if due.due.isEmpty {
            board.note(due, try await status(of: pipeline, isNeeded: board.state.checkedAt == nil))
            return pause(until: due.nextAt)
        }
        let (board, forward) = (board, pipeline.progress)
        pipeline.progress = { progress in
            board.note(progress)
            forward?(progress)
        }
        board.note(due, nil)
        let report = try await pipeline.run(due: due)
        board.note(report)
        await finished?(report)
        try Task.checkCancellation()
        let after = try await pipeline.due(selection, at: clock())
        board.note(after, try await status(of: pipeline, isNeeded: true))
        return after.due.isEmpty ? pause(until: after.nextAt) : interval
    }

    private func pause(until next: Date?) -> Duration {
        guard let next else { return interval }
        return max(.seconds(1), min(interval, .seconds(next.timeIntervalSince(clock()))))
    }

    private func status(of pipeline: SyncPipeline<Connector>, isNeeded: Bool) async throws -> StatusReport? {
        isNeeded ? StatusReport(try await pipeline.status(selection), at: clock()) : nil
    }
}
