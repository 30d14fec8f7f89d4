/// Sends requests to services around the pipeline: the roster's, those that are notified, a collector of traces.
///
/// `URLSessionTransport` of `HTTPTransports` is one; a program that has its own client wraps that.
public protocol HTTPTransport: Sendable {
    /// Sends a request and takes the whole answer; follows no redirect.
    ///
    /// - Throws: An error whose text may be shown, when there is no answer in time.
    func send(_ request: TransportRequest) async throws -> TransportResponse
}

/// A request to a service.
public struct TransportRequest: Sendable, Hashable {
    /// `GET` or `POST`.
    public var method: String
    /// The whole address.
    public var url: String
    /// Header fields.
    public var headers: [String: String]
    /// The body of a `POST`.
    public var body: [UInt8]
    /// How long the answer may take, in seconds.
    public var timeout: Double
    /// The most bytes of an answer that are taken.
    public var maximumBytes: Int

    /// Makes a request.
    public init(
        _ method: String = "GET",
        url: String,
        headers: [String: String] = [:],
        body: [UInt8] = [],
        timeout: Double = 10,
        maximumBytes: Int = 64 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.maximumBytes = maximumBytes
    }
}

/// What a service answered.
public struct TransportResponse: Sendable, Hashable {
    /// The status, such as 200.
    public var status: Int
    /// The body.
    public var body: [UInt8]

    /// Makes an answer.
    public init(status: Int, body: [UInt8] = []) {
        self.status = status
        self.body = body
    }
}
