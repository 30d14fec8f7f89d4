#if Tracing
import Foundation
import Logging
import SyncPipelines
import Synchronization
import Testing
import TraceExporters
import Tracing

@Suite("OTLPTracer") struct OTLPTracerTests {
    /// A collector that keeps what it is sent.
    private final class Collector: HTTPTransport {
        private let content = Mutex<(requests: [TransportRequest], answers: [Int])>(([], []))

        init(answers: [Int] = []) { content.withLock { $0.answers = answers } }

        struct Away: Error, CustomStringConvertible {
            let description = "the collector is away"
        }

        func send(_ request: TransportRequest) async throws -> TransportResponse {
            let status = content.withLock { content in
                content.requests.append(request)
                return content.answers.isEmpty ? 200 : content.answers.removeFirst()
            }
            guard status > 0 else { throw Away() }
            return TransportResponse(status: status)
        }

        var requests: [TransportRequest] { content.withLock { $0.requests } }

        /// The spans that were sent, in order.
        func spans() throws -> [[String: Any]] {
            try requests.flatMap { request in
                let message = try JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any]
                let resource = (message?["resourceSpans"] as? [[String: Any]])?.first
                let scope = (resource?["scopeSpans"] as? [[String: Any]])?.first
                return scope?["spans"] as? [[String: Any]] ?? []
            }
        }
    }

    private struct Instant: TracerInstant {
        var nanosecondsSinceEpoch: UInt64
        static func < (left: Instant, right: Instant) -> Bool {
            left.nanosecondsSinceEpoch < right.nanosecondsSinceEpoch
        }
    }

    private struct Fields: Extractor, Injector {
        func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
            carrier[key] = value
        }
    }

    private func tracer(_ collector: Collector, headers: [String: String] = [:]) -> OTLPTracer {
        OTLPTracer(
            endpoint: "http://127.0.0.1:4318/",
            service: "the service",
            headers: headers,
            transport: collector,
            logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func start(
        _ tracer: OTLPTracer,
        _ name: String,
        _ context: ServiceContext = .topLevel,
        kind: SpanKind = .internal,
        at time: UInt64 = 1
    ) -> OTLPSpan {
        tracer.startSpan(
            name,
            context: context,
            ofKind: kind,
            at: Instant(nanosecondsSinceEpoch: time),
            function: "",
            file: "",
            line: 0
        )
    }

    @Test("spans go to the collector's path, with its header fields and the name of the service")
    func request() async throws {
        let collector = Collector()
        let tracer = tracer(collector, headers: ["Authorization": "Bearer t"])
        await tracer.flush()
        #expect(collector.requests.isEmpty)
        start(tracer, "run").end()
        await tracer.flush()
        let request = try #require(collector.requests.first)
        #expect(collector.requests.count == 1)
        #expect(request.method == "POST" && request.url == "http://127.0.0.1:4318/v1/traces")
        #expect(request.headers == ["Authorization": "Bearer t", "Content-Type": "application/json"])
        let text = String(decoding: request.body, as: UTF8.self)
        #expect(text.contains(#"{"key":"service.name","value":{"stringValue":"the service"}}"#))
    }

    @Test("a span has its times, kind, attributes, events, links and status, in the JSON of OTLP")
    func content() async throws {
        let collector = Collector()
        let tracer = tracer(collector)
        let other = start(tracer, "other")
        let span = start(tracer, "first name", kind: .client, at: 1_700_000_000_000_000_001)
        span.operationName = "second name"
        span.attributes["count"] = Int64.max
        span.attributes["text"] = "ü \"quoted\""
        span.attributes["flag"] = true
        span.attributes["share"] = 0.5
        span.addEvent(SpanEvent(name: "retry", at: Instant(nanosecondsSinceEpoch: 7), attributes: ["n": 2]))
        span.recordError(Collector.Away(), attributes: [:], at: Instant(nanosecondsSinceEpoch: 8))
        span.addLink(SpanLink(context: other.context, attributes: [:]))
        span.setStatus(SpanStatus(code: .error, message: "it broke"))
        #expect(span.isRecording)
        span.end(at: Instant(nanosecondsSinceEpoch: 1_700_000_000_000_000_009))
        span.end(at: Instant(nanosecondsSinceEpoch: 1_800_000_000_000_000_000))
        #expect(!span.isRecording)
        await tracer.flush()
        let sent = try collector.spans()
        #expect(sent.count == 1)
        let one = try #require(sent.first)
        #expect(one["name"] as? String == "second name" && one["kind"] as? Int == 3)
        // Numbers of 64 bits are text: what reads JSON by double precision would change them.
        #expect(one["startTimeUnixNano"] as? String == "1700000000000000001")
        #expect(one["endTimeUnixNano"] as? String == "1700000000000000009")
        #expect((one["traceId"] as? String)?.wholeMatch(of: /[0-9a-f]{32}/) != nil)
        #expect((one["spanId"] as? String)?.wholeMatch(of: /[0-9a-f]{16}/) != nil)
        #expect(one["parentSpanId"] == nil)
        let text = String(decoding: try #require(collector.requests.first).body, as: UTF8.self)
        for part in [
            #"{"key":"count","value":{"intValue":"9223372036854775807"}}"#,
            #"{"key":"text","value":{"stringValue":"ü \"quoted\""}}"#,
            #"{"key":"flag","value":{"boolValue":true}}"#, #"{"key":"share","value":{"doubleValue":0.5}}"#,
            #""name":"retry","timeUnixNano":"7""#, #""stringValue":"the collector is away""#,
            #""status":{"code":2,"message":"it broke"}"#,
        ] {
            #expect(text.contains(part), "\(part) is not in \(text)")
        }
        let link = try #require((one["links"] as? [[String: Any]])?.first)
        #expect(link["traceId"] as? String != one["traceId"] as? String)
    }

    @Test("children belong to their parent's trace, in this process and from another one")
    func parents() async throws {
        let collector = Collector()
        let tracer = tracer(collector)
        let parent = start(tracer, "parent")
        var carrier: [String: String] = [:]
        tracer.inject(parent.context, into: &carrier, using: Fields())
        var context = ServiceContext.topLevel
        tracer.extract(carrier, into: &context, using: Fields())
        start(tracer, "near", parent.context).end()
        start(tracer, "far", context).end()
        parent.end()
        await tracer.flush()
        let spans = try collector.spans()
        #expect(spans.compactMap { $0["name"] as? String } == ["near", "far", "parent"])
        let root = spans[2]
        for child in spans[..<2] {
            #expect(child["traceId"] as? String == root["traceId"] as? String)
            #expect(child["parentSpanId"] as? String == root["spanId"] as? String)
        }
        #expect(Set(spans.compactMap { $0["spanId"] as? String }).count == 3)
        let trace = try #require(root["traceId"] as? String)
        #expect(carrier == ["traceparent": "00-\(trace)-\(root["spanId"] as? String ?? "")-01"])
    }

    @Test(
        "a traceparent that is none begins a trace of its own",
        arguments: [
            "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-+7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319é-b7ad6b7169203331-01",
        ]
    )
    func wrongParent(text: String) async throws {
        let tracer = tracer(Collector())
        var context = ServiceContext.topLevel
        tracer.extract(["traceparent": text], into: &context, using: Fields())
        var carried: [String: String] = [:]
        tracer.inject(context, into: &carried, using: Fields())
        #expect(carried.isEmpty, "\(carried)")
    }

    @Test(
        "a collector that is away or refuses costs the spans that were sent to it, and nothing else",
        arguments: [0, 404, 503]
    )
    func away(status: Int) async throws {
        let collector = Collector(answers: [status])
        let tracer = tracer(collector)
        for number in 0..<3 { start(tracer, "lost \(number)").end() }
        await tracer.flush()
        #expect(collector.requests.count == 1 && tracer.droppedCount == 3)
        start(tracer, "kept").end()
        await tracer.flush()
        #expect(try collector.spans().last?["name"] as? String == "kept")
        #expect(collector.requests.count == 2 && tracer.droppedCount == 3)
    }

    @Test("spans wait up to a bound, and are sent some at once")
    func room() async throws {
        let collector = Collector()
        let tracer = tracer(collector)
        for number in 0..<5000 { start(tracer, "\(number)").end() }
        #expect(tracer.droppedCount == 5000 - 4096)
        await tracer.flush()
        #expect(collector.requests.count == 8)
        let names = try collector.spans().compactMap { $0["name"] as? String }
        #expect(names == (0..<4096).map { "\($0)" })
    }

    @Test("it sends by itself while it runs, and what is left when it is flushed after that")
    func running() async throws {
        let collector = Collector()
        let tracer = tracer(collector)
        let running = Task { await tracer.run() }
        start(tracer, "early").end()
        while collector.requests.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        running.cancel()
        await running.value
        start(tracer, "late").end()
        await tracer.flush()
        #expect(try collector.spans().compactMap { $0["name"] as? String } == ["early", "late"])
    }
}
#endif
