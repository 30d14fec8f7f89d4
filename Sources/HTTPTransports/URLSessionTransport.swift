#if HTTP
import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif
public import SyncPipelines

/// Reaches services by Foundation's URLSession.
///
/// Certificates are verified by the system's authorities. Elsewhere than on Apple's systems, the environment variable
/// `URLSessionCertificateAuthorityInfoFile` names the file of others.
public final class URLSessionTransport: HTTPTransport {
    private let session: URLSession

    /// Makes a transport; nothing is sent yet.
    public init() {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpShouldSetCookies = false
        configuration.urlCache = nil
        session = URLSession(configuration: configuration, delegate: NoRedirects(), delegateQueue: nil)
    }

    deinit { session.finishTasksAndInvalidate() }

    /// Sends a request and takes the whole answer; follows no redirect.
    ///
    /// - Throws: `TransportError` when there is no answer in time, or one that is too long.
    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        guard let url = URL(string: request.url) else { throw TransportError("no address") }
        var foreign = URLRequest(url: url, timeoutInterval: request.timeout)
        foreign.httpMethod = request.method
        for (name, value) in request.headers { foreign.setValue(value, forHTTPHeaderField: name) }
        if !request.body.isEmpty { foreign.httpBody = Data(request.body) }
        do {
            let (data, response) = try await session.data(for: foreign)
            guard let response = response as? HTTPURLResponse else {
                throw TransportError("no answer of HTTP")
            }
            guard data.count <= request.maximumBytes else {
                throw TransportError("the answer has over \(request.maximumBytes) bytes")
            }
            return TransportResponse(status: response.statusCode, body: Array(data))
        } catch let error as URLError {
            if Task.isCancelled { throw CancellationError() }
            throw TransportError("\(error.localizedDescription) (URLError \(error.code.rawValue))")
        }
    }
}

/// Why there is no answer.
public struct TransportError: Error, CustomStringConvertible {
    /// Why, without a secret.
    public let description: String

    init(_ description: String) { self.description = description }
}

private final class NoRedirects: NSObject, URLSessionTaskDelegate {
    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}
#endif
