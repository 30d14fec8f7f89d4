#if HTTP
import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif
import SyncPipelines
import Synchronization

/// The requests that have no whole answer yet, and what has come of their answers so far.
final class OpenExchanges: NSObject, URLSessionDataDelegate {
    private struct Exchange {
        let continuation: CheckedContinuation<TransportResponse, any Error>
        let maximumBytes: Int
        var body: [UInt8] = []
    }

    private let open = Mutex<[Int: Exchange]>([:])

    /// Notes a request that is about to be sent.
    func begin(
        _ task: Int,
        atMost bytes: Int,
        _ continuation: CheckedContinuation<TransportResponse, any Error>
    ) {
        open.withLock { $0[task] = Exchange(continuation: continuation, maximumBytes: bytes) }
    }

    private func end(_ task: Int, with result: Result<TransportResponse, any Error>) {
        open.withLock { $0.removeValue(forKey: task) }?.continuation.resume(with: result)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let announced = dataTask.response?.expectedContentLength ?? -1
        let tooLong = open.withLock { open -> Int? in
            guard let exchange = open[dataTask.taskIdentifier] else { return nil }
            let bound = exchange.maximumBytes
            guard announced <= bound, exchange.body.count + data.count <= bound else { return bound }
            open[dataTask.taskIdentifier]?.body.append(contentsOf: data)
            return nil
        }
        guard let tooLong else { return }
        end(
            dataTask.taskIdentifier,
            with: .failure(TransportError("the answer has over \(tooLong) bytes"))
        )
        dataTask.cancel()
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if let error { return end(task.taskIdentifier, with: .failure(error)) }
        guard let response = task.response as? HTTPURLResponse else {
            return end(task.taskIdentifier, with: .failure(TransportError("no answer of HTTP")))
        }
        let body = open.withLock { $0[task.taskIdentifier]?.body } ?? []
        end(
            task.taskIdentifier,
            with: .success(TransportResponse(status: response.statusCode, body: body))
        )
    }

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
