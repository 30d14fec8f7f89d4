#if Services
import FlyingFox
import FlyingSocks
import FoundationEssentials
public import ServiceLifecycle
public import SyncPipelines

/// Serves what a service does: a page for people, JSON, health, and metrics for Prometheus.
///
/// | path | what it gives |
/// | --- | --- |
/// | `/` | the page of the service |
/// | `/run` | the page of the last run |
/// | `/status` | both as JSON |
/// | `/health` | 200 while the service can work, else 503 and why |
/// | `/metrics` | the metrics, in the text format of Prometheus |
///
/// It knows no user and no password: leave it on loopback, or behind a proxy that knows them. Nothing it shows has a
/// secret or a value of a row.
public struct StatusServer: Service {
    private let address: String
    private let port: UInt16
    private let board: ServiceBoard
    private let metrics: PrometheusMetrics?

    /// Makes a server; it listens once it runs.
    ///
    /// - Parameters:
    ///   - address: The IPv4 address to listen on; loopback unless given.
    ///   - port: The port; 0 takes one that is free.
    ///   - board: What the service shows.
    ///   - metrics: What `/metrics` gives.
    public init(
        address: String = "127.0.0.1",
        port: UInt16,
        board: ServiceBoard,
        metrics: PrometheusMetrics? = nil
    ) {
        self.address = address
        self.port = port
        self.board = board
        self.metrics = metrics
    }

    /// Serves until a graceful shutdown or the end of the calling task.
    ///
    /// - Throws: Errors of the socket, such as a port that is taken.
    public func run() async throws {
        let server = HTTPServer(
            address: try .inet(ip4: address, port: port),
            timeout: 15,
            logger: .disabled
        )
        for route in ["/", "/run", "/status", "/health", "/metrics"] {
            await server.appendRoute(HTTPRoute("GET,HEAD \(route)")) { [self] _ in answer(route) }
        }
        try await withTaskCancellationOrGracefulShutdownHandler {
            do { try await server.run() } catch is CancellationError {
            } catch SocketError.disconnected {}
        } onCancelOrGracefulShutdown: {
            Task { await server.stop(timeout: 1) }
        }
    }

    private func answer(_ route: String) -> HTTPResponse {
        switch route {
        case "/": Self.response("text/html; charset=utf-8", board.html)
        case "/run":
            board.lastRun.map { Self.response("text/html; charset=utf-8", $0.html) }
                ?? Self.response("text/plain; charset=utf-8", "no run has ended yet\n", .notFound)
        case "/status": Self.response("application/json", board.json)
        case "/metrics": Self.response("text/plain; version=0.0.4; charset=utf-8", metrics?.text ?? "")
        default:
            Self.response(
                "text/plain; charset=utf-8",
                (board.state.problem ?? "ok") + "\n",
                board.isHealthy ? .ok : .serviceUnavailable
            )
        }
    }

    private static func response(
        _ type: String,
        _ text: String,
        _ status: HTTPStatusCode = .ok
    ) -> HTTPResponse {
        HTTPResponse(
            statusCode: status,
            headers: [
                .contentType: type, HTTPHeader("Cache-Control"): "no-store",
                HTTPHeader("X-Content-Type-Options"): "nosniff",
                HTTPHeader("Content-Security-Policy"):
                    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
            ],
            body: Data(text.utf8)
        )
    }
}
#endif
