public import Metrics
import Synchronization

/// Collects metrics and gives them as Prometheus reads them, for an endpoint or the text file of a node exporter.
///
///     let metrics = PrometheusMetrics()
///     MetricsSystem.bootstrap(metrics)
///     …
///     print(metrics.text)
///
/// Dots in names become underscores, counters end with `_total`, recorders and timers are summaries with sum and count.
public final class PrometheusMetrics: MetricsFactory {
    fileprivate enum Kind: String, Sendable {
        case counter, gauge, summary
    }

    fileprivate struct Key: Hashable, Sendable {
        var name: String
        var labels: String
    }

    fileprivate struct Series: Sendable {
        var kind: Kind
        var value = 0.0
        var count = 0
    }

    private let series = Mutex<[Key: Series]>([:])
    private let help: [String: String]

    /// Makes an empty collection.
    ///
    /// - Parameter help: What metrics are, by their names in the program; the pipeline's own are known. Others are
    ///   described by their names.
    public init(help: [String: String] = [:]) {
        self.help = Dictionary(
            RunMetrics.help.merging(help) { $1 }.map { (Self.name($0.key), $0.value) },
            uniquingKeysWith: { $1 }
        )
    }

    /// All metrics in the text format of Prometheus, in the order of their names.
    public var text: String {
        let all = series.withLock { $0 }.sorted {
            ($0.key.name, $0.key.labels) < ($1.key.name, $1.key.labels)
        }
        var lines: [String] = []
        var last = ""
        for (key, series) in all {
            if key.name != last {
                lines.append("# HELP \(key.name) \(description(of: key.name))")
                lines.append("# TYPE \(key.name) \(series.kind.rawValue)")
                last = key.name
            }
            switch series.kind {
            case .counter, .gauge: lines.append("\(key.name)\(key.labels) \(Self.number(series.value))")
            case .summary:
                lines.append("\(key.name)_sum\(key.labels) \(Self.number(series.value))")
                lines.append("\(key.name)_count\(key.labels) \(series.count)")
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// Makes a counter.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        Handler(self, key(label, dimensions, .counter), .counter)
    }

    /// Makes a recorder: a summary, or a gauge where values are not aggregated.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool)
        -> any RecorderHandler
    {
        let kind: Kind = aggregate ? .summary : .gauge
        return Handler(self, key(label, dimensions, kind), kind)
    }

    /// Makes a timer: a summary of seconds.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        Handler(self, key(label + ".seconds", dimensions, .summary), .summary)
    }

    /// Does nothing: a series lasts as long as the collection.
    public func destroyCounter(_ handler: any CounterHandler) {}

    /// Does nothing: a series lasts as long as the collection.
    public func destroyRecorder(_ handler: any RecorderHandler) {}

    /// Does nothing: a series lasts as long as the collection.
    public func destroyTimer(_ handler: any TimerHandler) {}

    private func description(of name: String) -> String {
        var bare = name
        for suffix in ["_total", "_seconds"] where help[bare] == nil && bare.hasSuffix(suffix) {
            bare.removeLast(suffix.count)
        }
        return (help[bare] ?? bare.replacing("_", with: " ") + ".").replacing("\\", with: "\\\\")
            .replacing("\n", with: " ")
    }

    private func key(_ label: String, _ dimensions: [(String, String)], _ kind: Kind) -> Key {
        let labels = dimensions.map { "\(Self.name($0.0))=\"\(Self.escape($0.1))\"" }.joined(separator: ",")
        return Key(
            name: Self.name(label) + (kind == .counter ? "_total" : ""),
            labels: labels.isEmpty ? "" : "{\(labels)}"
        )
    }

    fileprivate func update(_ key: Key, _ kind: Kind, _ body: (inout Series) -> Void) {
        series.withLock { all in
            var series = all[key] ?? Series(kind: kind)
            body(&series)
            all[key] = series
        }
    }

    private static func name(_ label: String) -> String {
        String(label.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "_" })
    }

    private static func escape(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}

private final class Handler: CounterHandler, RecorderHandler, TimerHandler {
    private let metrics: PrometheusMetrics
    private let key: PrometheusMetrics.Key
    private let kind: PrometheusMetrics.Kind

    init(_ metrics: PrometheusMetrics, _ key: PrometheusMetrics.Key, _ kind: PrometheusMetrics.Kind) {
        self.metrics = metrics
        self.key = key
        self.kind = kind
    }

    func increment(by amount: Int64) { metrics.update(key, kind) { $0.value += Double(amount) } }

    func reset() { metrics.update(key, kind) { $0.value = 0 } }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        metrics.update(key, kind) { series in
            series.value = kind == .gauge ? value : series.value + value
            series.count += 1
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
