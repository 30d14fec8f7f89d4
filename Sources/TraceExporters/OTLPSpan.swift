#if Tracing
import Synchronization
public import Tracing

/// A span that is sent to a collector when it ends.
public final class OTLPSpan: Span {
    struct Event: Sendable {
        var name: String
        var time: UInt64
        var attributes: SpanAttributes
    }

    struct State: Sendable {
        var name: String
        var attributes: SpanAttributes = [:]
        var status: SpanStatus?
        var events: [Event] = []
        var links: [OTLPIdentity] = []
        var end: UInt64?
    }

    /// What children of the span carry.
    public let context: InstrumentationContext
    let identity: OTLPIdentity
    let parent: OTLPIdentity?
    let kind: SpanKind
    let start: UInt64
    private let state: Mutex<State>
    private let ended: @Sendable (OTLPSpan) -> Void

    init(
        _ name: String,
        kind: SpanKind,
        start: UInt64,
        context: InstrumentationContext,
        ended: @escaping @Sendable (OTLPSpan) -> Void
    ) {
        parent = context[OTLPIdentity.Key.self]
        identity = OTLPIdentity(childOf: parent)
        var context = context
        context[OTLPIdentity.Key.self] = identity
        self.context = context
        self.kind = kind
        self.start = start
        self.ended = ended
        state = Mutex(State(name: name))
    }

    /// The name.
    public var operationName: String {
        get { state.withLock { $0.name } }
        set { state.withLock { $0.name = newValue } }
    }

    /// What is known of the work.
    public var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { state.withLock { $0.attributes = newValue } }
    }

    /// Whether the span has not ended.
    public var isRecording: Bool { state.withLock { $0.end == nil } }

    var content: State { state.withLock { $0 } }

    /// Says how the work went.
    public func setStatus(_ status: SpanStatus) { state.withLock { $0.status = status } }

    /// Adds something that happened.
    public func addEvent(_ event: SpanEvent) {
        let event = Event(
            name: event.name,
            time: event.nanosecondsSinceEpoch,
            attributes: event.attributes
        )
        state.withLock { $0.events.append(event) }
    }

    /// Adds an error as an event; its text may be shown.
    public func recordError<Instant: TracerInstant>(
        _ error: any Error,
        attributes: SpanAttributes,
        at instant: @autoclosure () -> Instant
    ) {
        var all = attributes
        all["exception.type"] = "\(type(of: error))"
        all["exception.message"] = "\(error)"
        let event = Event(name: "exception", time: instant().nanosecondsSinceEpoch, attributes: all)
        state.withLock { $0.events.append(event) }
    }

    /// Names a span that this one has to do with.
    public func addLink(_ link: SpanLink) {
        guard let other = link.context[OTLPIdentity.Key.self] else { return }
        state.withLock { $0.links.append(other) }
    }

    /// Ends the span; a second end counts for nothing.
    public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        let time = instant().nanosecondsSinceEpoch
        let isFirst = state.withLock { state in
            guard state.end == nil else { return false }
            state.end = time
            return true
        }
        if isFirst { ended(self) }
    }
}

/// The trace that a span belongs to, and its own number.
struct OTLPIdentity: Sendable, Hashable {
    enum Key: InstrumentationContextKey {
        typealias Value = OTLPIdentity
    }

    let trace: [UInt64]
    let span: UInt64

    init(childOf parent: OTLPIdentity?) {
        trace = parent?.trace ?? [UInt64.random(in: 1...(.max)), UInt64.random(in: 0...(.max))]
        span = UInt64.random(in: 1...(.max))
    }

    /// Reads `traceparent` of W3C Trace Context, version 00.
    init?(traceparent: String) {
        let parts = traceparent.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0].utf8.count == 2, parts[0] != "ff", parts[1].utf8.count == 32,
            parts[2].utf8.count == 16, parts[..<3].allSatisfy({ $0.utf8.allSatisfy(Self.isDigit) }),
            let high = UInt64(parts[1].prefix(16), radix: 16),
            let low = UInt64(parts[1].suffix(16), radix: 16), let span = UInt64(parts[2], radix: 16),
            high | low != 0, span != 0
        else { return nil }
        (trace, self.span) = ([high, low], span)
    }

    var traceText: String { trace.map(Self.digits).joined() }
    var spanText: String { Self.digits(span) }
    var traceparent: String { "00-\(traceText)-\(spanText)-01" }

    /// The standard knows small letters only.
    private static func isDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...102).contains(byte)
    }

    private static func digits(_ number: UInt64) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }
}
#endif
