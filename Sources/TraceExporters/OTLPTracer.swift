#if Tracing
public import Logging
import Synchronization
public import SyncPipelines
public import Tracing

/// Sends spans to a collector by OTLP over HTTP, as JSON.
///
///     let tracer = OTLPTracer(endpoint: "http://127.0.0.1:4318", service: "region-sync", transport: transport)
///     InstrumentationSystem.bootstrap(tracer)
///     async let exporting: Void = tracer.run()
///
/// Spans wait in memory, 4096 at most, and are sent twice a second or 512 at once. A collector that is away costs the
/// spans that find no room, and nothing else: how many is in `droppedCount`.
public final class OTLPTracer: Tracer {
    /// What the tracer makes.
    public typealias Span = OTLPSpan

    private struct Waiting {
        var spans: [OTLPSpan] = []
        var dropped = 0
    }

    private let endpoint: String
    private let service: String
    private let headers: [String: String]
    private let transport: any HTTPTransport
    private let logger: Logger
    private let waiting = Mutex(Waiting())

    private static let room = 4096
    private static let atOnce = 512

    /// Makes a tracer; nothing is sent before `run()` or `flush()`.
    ///
    /// - Parameters:
    ///   - endpoint: The collector's address without `/v1/traces`: https, or http on this machine.
    ///   - service: The name of the program.
    ///   - headers: Further header fields, such as a token's.
    ///   - transport: What reaches the collector.
    ///   - logger: Where a collector that is away is logged.
    public init(
        endpoint: String,
        service: String,
        headers: [String: String] = [:],
        transport: any HTTPTransport,
        logger: Logger = Logger(label: "tributary.traces")
    ) {
        self.endpoint = endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
        self.service = service
        self.headers = headers
        self.transport = transport
        self.logger = logger
    }

    /// Spans that found no room, or that the collector refused.
    public var droppedCount: Int { waiting.withLock { $0.dropped } }

    /// Begins a span; it is sent some time after it ends.
    public func startSpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> InstrumentationContext,
        ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> OTLPSpan {
        OTLPSpan(
            operationName,
            kind: kind,
            start: instant().nanosecondsSinceEpoch,
            context: context()
        ) { [self] span in
            waiting.withLock { waiting in
                if waiting.spans.count < Self.room {
                    waiting.spans.append(span)
                } else {
                    waiting.dropped += 1
                }
            }
        }
    }

    /// Does nothing; `flush()` sends what waits.
    public func forceFlush() {}

    /// Takes the trace that a caller carries as `traceparent`.
    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier,
        into context: inout InstrumentationContext,
        using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let text = extractor.extract(key: "traceparent", from: carrier),
            let identity = OTLPIdentity(traceparent: text)
        else { return }
        context[OTLPIdentity.Key.self] = identity
    }

    /// Carries the trace on as `traceparent`.
    public func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext,
        into carrier: inout Carrier,
        using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let identity = context[OTLPIdentity.Key.self] else { return }
        injector.inject(identity.traceparent, forKey: "traceparent", into: &carrier)
    }

    /// Sends spans until the calling task is cancelled; call `flush()` after that.
    public func run() async {
        while (try? await Task.sleep(for: .milliseconds(500))) != nil { await flush() }
    }

    /// Sends what waits.
    public func flush() async {
        while true {
            let batch = waiting.withLock { waiting in
                let batch = Array(waiting.spans.prefix(Self.atOnce))
                waiting.spans.removeFirst(batch.count)
                return batch
            }
            guard !batch.isEmpty else { return }
            if let problem = await send(batch) {
                waiting.withLock { $0.dropped += batch.count }
                logger.warning(
                    "spans are lost",
                    metadata: ["spans": "\(batch.count)", "error": "\(problem)"]
                )
                return
            }
        }
    }

    private func send(_ spans: [OTLPSpan]) async -> String? {
        var fields = headers
        fields["Content-Type"] = "application/json"
        let request = TransportRequest(
            "POST",
            url: endpoint + "/v1/traces",
            headers: fields,
            body: OTLPMessage(service: service, spans: spans).json,
            timeout: 5,
            maximumBytes: 1 << 20
        )
        do {
            let response = try await transport.send(request)
            return (200..<300).contains(response.status)
                ? nil : "the collector answers with \(response.status)"
        } catch {
            return "\(error)"
        }
    }
}
#endif
