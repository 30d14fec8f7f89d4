/// How a server fares while it is read, as far as a reader can tell.
public struct SourcePressure: Sendable, Hashable {
    /// How long it took to answer a question that costs nothing.
    public var answer: Duration
    /// How far it is behind the server that it replicates; nil when it is no replica, or does not tell.
    public var lag: Duration?

    /// Makes a pressure.
    public init(answer: Duration, lag: Duration? = nil) {
        self.answer = answer
        self.lag = lag
    }
}
