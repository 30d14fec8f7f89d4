import ArgumentParser
import Tracing
import Tributary

/// Where spans go.
struct Traces: ParsableArguments {
    @Option(help: "Send spans to this collector by OTLP over HTTP, such as http://127.0.0.1:4318.")
    var traces: String?

    /// Does work whose spans are sent meanwhile; what waits at the end is sent before this returns.
    func exporting<Result: Sendable>(
        _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        guard let traces else { return try await body() }
        let tracer = OTLPTracer(endpoint: traces, service: "region-sync", transport: URLSessionTransport())
        InstrumentationSystem.bootstrap(tracer)
        let sending = Task { await tracer.run() }
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        sending.cancel()
        await sending.value
        await tracer.flush()
        return try result.get()
    }
}
