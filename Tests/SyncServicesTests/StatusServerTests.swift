#if Services
import CoreMetrics
import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif
import SyncPipelines
import SyncServices
import Testing

@Suite("StatusServer") struct StatusServerTests {
    /// A port that nobody listens on.
    static func freePort() throws -> UInt16 {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, size) == 0 && getsockname(listener, generic, &size) == 0
            }
        }
        try #require(isBound)
        return UInt16(bigEndian: address.sin_port)
    }

    static func ask(_ port: UInt16, _ path: String, method: String = "GET") async throws -> (
        HTTPURLResponse, String
    ) {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
        request.httpMethod = method
        let (data, response) = try await URLSession.shared.data(for: request)
        return (try #require(response as? HTTPURLResponse), String(decoding: data, as: UTF8.self))
    }

    /// Serves while the body asks, and ends the server by cancelling it.
    private func serving(
        _ board: ServiceBoard,
        _ metrics: PrometheusMetrics? = nil,
        _ body: (UInt16) async throws -> Void
    ) async throws {
        let port = try Self.freePort()
        let serving = Task { try await StatusServer(port: port, board: board, metrics: metrics).run() }
        for _ in 0..<500 where (try? await Self.ask(port, "/health")) == nil {
            try await Task.sleep(for: .milliseconds(10))
        }
        do {
            try await body(port)
        } catch {
            serving.cancel()
            throw error
        }
        serving.cancel()
        try await serving.value
        await #expect(throws: (any Error).self) { _ = try await Self.ask(port, "/health") }
    }

    @Test("each path gives what it is for, as its own type, and is kept by no cache and framed by no page")
    func paths() async throws {
        let metrics = PrometheusMetrics()
        metrics.makeCounter(label: "sync.rows.read", dimensions: [("region", "eu")]).increment(by: 7)
        try await serving(ServiceBoard(), metrics) { port in
            for (path, type, words) in [
                ("/", "text/html; charset=utf-8", "<!DOCTYPE html>"),
                ("/status", "application/json", "\"service\""),
                ("/health", "text/plain; charset=utf-8", "ok\n"),
                ("/metrics", "text/plain; version=0.0.4; charset=utf-8", "sync_rows_read"),
            ] {
                let (response, text) = try await Self.ask(port, path)
                #expect(response.statusCode == 200, "\(path)")
                #expect(response.value(forHTTPHeaderField: "Content-Type") == type)
                #expect(response.value(forHTTPHeaderField: "Cache-Control") == "no-store")
                #expect(response.value(forHTTPHeaderField: "X-Content-Type-Options") == "nosniff")
                let policy = response.value(forHTTPHeaderField: "Content-Security-Policy") ?? ""
                #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
                #expect(text.lowercased().contains(words.lowercased()), "\(path): \(text.prefix(200))")
            }
        }
    }

    @Test("before the first run there is no page of one, and other paths and methods are not there")
    func missing() async throws {
        try await serving(ServiceBoard()) { port in
            let (run, text) = try await Self.ask(port, "/run")
            #expect(run.statusCode == 404 && text == "no run has ended yet\n")
            for (path, method) in [
                ("/other", "GET"), ("/../etc/passwd", "GET"), ("/status", "POST"), ("/", "DELETE"),
            ] {
                let (response, _) = try await Self.ask(port, path, method: method)
                #expect(response.statusCode == 404, "\(method) \(path)")
            }
            let (metrics, nothing) = try await Self.ask(port, "/metrics")
            #expect(metrics.statusCode == 200 && nothing.isEmpty)
        }
    }

    @Test("a service that cannot work says so: 503, and why")
    func unhealthy() async throws {
        let board = ServiceBoard()
        let runs = ScheduledRuns<NoConnector>(selection: TaskSelection(regions: .all), board: board) {
            throw SyncError(.invalidConfiguration, message: "the roster is <gone>")
        }
        let working = Task { try await runs.run() }
        while board.isHealthy { try await Task.sleep(for: .milliseconds(5)) }
        try await serving(board) { port in
            let (health, text) = try await Self.ask(port, "/health")
            #expect(health.statusCode == 503 && text.contains("the roster is <gone>"))
            let (page, html) = try await Self.ask(port, "/")
            #expect(page.statusCode == 200)
            #expect(html.contains("&lt;gone&gt;") && !html.contains("<gone>"))
        }
        working.cancel()
        await #expect(throws: CancellationError.self) { try await working.value }
    }

    @Test("a port that is taken is an error")
    func taken() async throws {
        try await serving(ServiceBoard()) { port in
            await #expect(throws: (any Error).self) {
                try await StatusServer(port: port, board: ServiceBoard()).run()
            }
        }
    }

    @Test("many may ask at once")
    func many() async throws {
        try await serving(ServiceBoard()) { port in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<30 {
                    group.addTask {
                        let (response, text) = try await Self.ask(port, "/status")
                        #expect(response.statusCode == 200 && text.hasSuffix("}"))
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
#endif
