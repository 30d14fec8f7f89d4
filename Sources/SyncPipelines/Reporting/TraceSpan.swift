#if Tracing
import Tracing
#endif

/// A span of swift-distributed-tracing around a piece of work; nothing without the trait Tracing.
struct TraceSpan: Sendable {
    #if Tracing
    private let span: any Span
    #endif

    /// Runs work in a span; an error that leaves it is recorded.
    static func around<Result>(
        _ name: String,
        _ attributes: [String: String] = [:],
        _ body: (TraceSpan) async throws -> Result
    ) async rethrows -> Result {
        #if Tracing
        try await withSpan(name) { span in
            for (key, value) in attributes { span.attributes[key] = value }
            return try await body(TraceSpan(span: span))
        }
        #else
        try await body(TraceSpan())
        #endif
    }

    /// Says what became of a task.
    func record(_ report: TaskReport) {
        #if Tracing
        span.attributes["outcome"] = report.outcome.rawValue
        span.attributes["attempts"] = report.attempts
        span.attributes["rows.read"] = report.rowsRead
        span.attributes["rows.inserted"] = report.rowsInserted
        span.attributes["rows.updated"] = report.rowsUpdated
        span.attributes["rows.deleted"] = report.rowsDeleted
        span.attributes["bytes.written"] = report.bytesWritten
        if let error = report.error { fail(error.code) }
        #endif
    }

    /// Says that the work failed, and by which kind of failure.
    func fail(_ code: String) {
        #if Tracing
        span.attributes["error.code"] = code
        span.setStatus(SpanStatus(code: .error, message: code))
        #endif
    }
}
