#if Tracing
import FoundationEssentials
import Tracing

/// An `ExportTraceServiceRequest` in the JSON of OTLP 1.x: numbers of 64 bits as text, identities as hexadecimal digits.
struct OTLPMessage {
    private let content: Content

    private struct Content: Encodable {
        struct ResourceSpans: Encodable {
            var resource: Resource
            var scopeSpans: [ScopeSpans]
        }

        struct Resource: Encodable { var attributes: [Attribute] }

        struct ScopeSpans: Encodable {
            var scope: Scope
            var spans: [Span]
        }

        struct Scope: Encodable { var name: String }

        struct Attribute: Encodable {
            struct Value: Encodable {
                var stringValue: String?
                var intValue: String?
                var doubleValue: Double?
                var boolValue: Bool?
            }

            var key: String
            var value: Value
        }

        struct Event: Encodable {
            var timeUnixNano: String
            var name: String
            var attributes: [Attribute]
        }

        struct Link: Encodable {
            var traceId: String
            var spanId: String
        }

        struct Status: Encodable {
            var code: Int
            var message: String?
        }

        struct Span: Encodable {
            var traceId: String
            var spanId: String
            var parentSpanId: String?
            var name: String
            var kind: Int
            var startTimeUnixNano: String
            var endTimeUnixNano: String
            var attributes: [Attribute]
            var events: [Event]
            var links: [Link]
            var status: Status?
        }

        var resourceSpans: [ResourceSpans]
    }

    init(service: String, spans: [OTLPSpan]) {
        let name = Content.Attribute(key: "service.name", value: .init(stringValue: service))
        content = Content(resourceSpans: [
            .init(
                resource: .init(attributes: [name]),
                scopeSpans: [.init(scope: .init(name: "tributary"), spans: spans.map(Self.span))]
            )
        ])
    }

    var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array((try? encoder.encode(content)) ?? Data())
    }

    private static func span(_ span: OTLPSpan) -> Content.Span {
        let state = span.content
        return Content.Span(
            traceId: span.identity.traceText,
            spanId: span.identity.spanText,
            parentSpanId: span.parent?.spanText,
            name: state.name,
            kind: kind(span.kind),
            startTimeUnixNano: "\(span.start)",
            endTimeUnixNano: "\(state.end ?? span.start)",
            attributes: attributes(state.attributes),
            events: state.events.map {
                .init(timeUnixNano: "\($0.time)", name: $0.name, attributes: attributes($0.attributes))
            },
            links: state.links.map { .init(traceId: $0.traceText, spanId: $0.spanText) },
            status: state.status.map { .init(code: $0.code == .ok ? 1 : 2, message: $0.message) }
        )
    }

    /// `SpanKind` of OTLP.
    private static func kind(_ kind: SpanKind) -> Int {
        switch kind {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }

    private static func attributes(_ attributes: SpanAttributes) -> [Content.Attribute] {
        var all: [Content.Attribute] = []
        attributes.forEach { key, attribute in
            let value: Content.Attribute.Value =
                switch attribute {
                case .int32(let number): .init(intValue: "\(number)")
                case .int64(let number): .init(intValue: "\(number)")
                case .double(let number): .init(doubleValue: number)
                case .bool(let bit): .init(boolValue: bit)
                case .string(let text): .init(stringValue: text)
                case .stringConvertible(let value): .init(stringValue: "\(value)")
                default: .init(stringValue: "\(attribute)")
                }
            all.append(.init(key: key, value: value))
        }
        return all.sorted { $0.key < $1.key }
    }
}
#endif
