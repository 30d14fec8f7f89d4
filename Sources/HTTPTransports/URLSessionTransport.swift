#if HTTP
import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif
import SourceConnectors
public import SyncPipelines
import Synchronization

/// Reaches services by Foundation's URLSession.
///
/// Certificates are verified by the system's authorities. Elsewhere than on Apple's systems, the environment variable
/// `URLSessionCertificateAuthorityInfoFile` names the file of others.
public final class URLSessionTransport: HTTPTransport {
    /// Made for the first request: a program that sends none does not wait for curl and its certificates.
    private let session = Mutex<URLSession?>(nil)
    private let exchanges = OpenExchanges()

    /// Makes a transport; nothing is sent yet.
    public init() {}

    deinit { session.withLock { $0?.finishTasksAndInvalidate() } }

    private func openSession() -> URLSession {
        session.withLock { session in
            if let session { return session }
            keepCryptographyUntilExit()
            let configuration = URLSessionConfiguration.ephemeral
            configuration.httpShouldSetCookies = false
            configuration.urlCache = nil
            let made = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
            session = made
            return made
        }
    }

    /// Sends a request and takes the whole answer; follows no redirect.
    ///
    /// An answer that is too long is broken off as soon as it is: what was taken of it is never more than the bound and
    /// one piece of what the network brings.
    ///
    /// - Throws: `TransportError` when there is no whole answer in time, or one that is too long; `CancellationError`.
    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        guard let url = URL(string: request.url), url.scheme != nil else {
            throw TransportError("no address")
        }
        var foreign = URLRequest(url: url, timeoutInterval: request.timeout)
        foreign.httpMethod = request.method
        for (name, value) in request.headers { foreign.setValue(value, forHTTPHeaderField: name) }
        if !request.body.isEmpty { foreign.httpBody = Data(request.body) }
        let asked = foreign
        return try await withThrowingTaskGroup(of: TransportResponse.self) { group in
            group.addTask { try await self.exchange(asked, atMost: request.maximumBytes) }
            group.addTask {
                // The timeout of URLSession begins anew with every byte that comes.
                try await Task.sleep(for: .seconds(request.timeout))
                throw TransportError("there is no whole answer after \(request.timeout) seconds")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    private func exchange(_ request: URLRequest, atMost bytes: Int) async throws -> TransportResponse {
        let task = openSession().dataTask(with: request)
        do {
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    exchanges.begin(task.taskIdentifier, atMost: bytes, continuation)
                    task.resume()
                }
            } onCancel: {
                task.cancel()
            }
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
#endif
