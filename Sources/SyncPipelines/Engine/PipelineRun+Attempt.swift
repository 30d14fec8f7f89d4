import FoundationEssentials
import Logging
import SourceConnectors
import SyncLedgers
import Synchronization

extension PipelineRun {
    /// Tries a task once, and tells the run how it ended or that it wants another attempt.
    func attempt(
        _ task: SyncTask,
        _ attempt: TaskAttempt,
        _ lake: LakeTable,
        _ leases: LeaseBoard,
        _ review: TaskReview,
        _ span: TraceSpan,
        _ send: @escaping @Sendable (@Sendable (Int) -> Message) -> Void
    ) async {
        let logger = pipeline.logger.naming(task.identity, run: id)
        var attempt = attempt
        let hasAdvanced = Mutex(false)
        let clock = ContinuousClock()
        let start = clock.now
        func report(_ failure: SyncError) -> Outcome {
            var report = TaskReport(
                task: task.identity,
                failure: failure,
                attempts: attempt.backoff.attempts,
                seconds: (attempt.spent + start.duration(to: clock.now)).seconds
            )
            report.startedAfter = attempt.startedAt.seconds
            report.drift = shapes.noted(task.identity, failed: true)
            return (report, nil)
        }
        do {
            if case .held(let holder) = try await leases.acquire(task.identity) {
                send { .event($0, .released(bytes: 0)) }
                if try await leases.waitForExpiry(task.identity, of: holder) {
                    send { [attempt] in .again($0, attempt) }
                    return
                }
                var report = TaskReport(task: task.identity, heldBy: holder)
                report.startedAfter = attempt.startedAt.seconds
                logger.info("task is held by another run", metadata: report.logMetadata)
                send { [report] in .ended($0, (report, nil)) }
                return
            }
            let runner = TaskRunner(
                task: task,
                connector: pipeline.connector,
                lake: lake,
                policy: pipeline.markPolicy,
                readings: readings,
                options: pipeline.files,
                limits: limits,
                stepBackRows: attempt.expectedRows == nil ? limits.announcedRows : nil,
                review: review,
                guardrails: pipeline.configuration.guardrails,
                allowance: allowances?[task.identity],
                findsDeletes: pipeline.findsDeletes,
                shapes: shapes,
                quarantine: quarantine ?? QuarantineBoard(pipeline.lake, run: id),
                logger: logger,
                tell: { event in
                    if case .advanced = event { hasAdvanced.withLock { $0 = true } }
                    send { .event($0, event) }
                }
            )
            let left = limits.taskTime.map { $0 - attempt.spent - start.duration(to: clock.now) }
            let result = try await withDeadline(left) { try await runner.run() }
            await leases.release(task.identity)
            var report = TaskReport(
                task: task.identity,
                result: result,
                attempts: attempt.backoff.attempts,
                seconds: (attempt.spent + start.duration(to: clock.now)).seconds
            )
            report.startedAfter = attempt.startedAt.seconds
            report.drift = shapes.noted(task.identity, failed: false)
            if let operation, report.outcome != .staged { report.outcome = operation.outcome }
            span.record(report)
            logger.info("task ended", metadata: report.logMetadata)
            send { [report] in .ended($0, (report, result.transactions)) }
        } catch let step as TaskStepsBack {
            await leases.release(task.identity)
            attempt.expectedRows = step.expectedRows
            send { [attempt] in .again($0, attempt) }
        } catch {
            await leases.release(task.identity)
            var failure = SyncError(wrapping: error, task: task.identity)
            // A statement that was broken off says so in the words of its server.
            if Task.isCancelled { failure = failure.asCancelled }
            span.fail(failure.code.description)
            if failure.isTransient && failure.code == .source { send { .failed($0) } }
            let elapsed = attempt.spent + start.duration(to: clock.now)
            if failure.isTransient, !Task.isCancelled,
                attempt.backoff.attempts <= failure.retryLimit ?? .max,
                let pause = attempt.backoff.next(
                    after: elapsed,
                    hasAdvanced: hasAdvanced.withLock { $0 }
                )
            {
                logger.warning(
                    "task will be tried again",
                    metadata: ["error.code": "\(failure.code)", "error": "\(failure)", "pause": "\(pause)"]
                )
                send { .event($0, .released(bytes: 0)) }
                if (try? await Task.sleep(for: pause)) != nil {
                    attempt.spent += start.duration(to: clock.now)
                    send { [attempt] in .again($0, attempt) }
                    return
                }
            }
            logger.error(
                "task failed",
                metadata: ["error.code": "\(failure.code)", "error": "\(failure)"]
            )
            let outcome = report(failure)
            send { .ended($0, outcome) }
        }
    }
}

extension TaskIdentity {
    /// The task's names as attributes of spans.
    var names: [String: String] {
        ["region": region, "client": client, "schema": schema, "table": table]
    }
}

extension Logger {
    /// The same logger with the names of a task on each line.
    fileprivate func naming(_ task: TaskIdentity, run: String) -> Logger {
        var logger = self
        logger[metadataKey: "run"] = "\(run)"
        logger[metadataKey: "region"] = "\(task.region)"
        logger[metadataKey: "client"] = "\(task.client)"
        logger[metadataKey: "schema"] = "\(task.schema)"
        logger[metadataKey: "table"] = "\(task.table)"
        return logger
    }
}
