#if HTTP
import Foundation
import HTTPTransports
import SyncPipelines
import Synchronization
import Testing

@Suite("URLSessionTransport") struct URLSessionTransportTests {
    private static func answer(_ body: String, status: String = "200 OK") -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
    }

    private func failure(_ request: TransportRequest) async throws -> String {
        let error = await #expect(throws: TransportError.self) {
            _ = try await URLSessionTransport().send(request)
        }
        return try #require(error).description
    }

    @Test("method, path, header fields and body arrive as they are, and the answer with its status")
    func exchange() async throws {
        let server = try RawServer { $0.send(Self.answer("héllo", status: "207 Multi-Status")) }
        defer { server.stop() }
        let response = try await URLSessionTransport().send(
            TransportRequest(
                "POST",
                url: server.url + "/a/b?c=d",
                headers: ["X-Token": "t 1", "Content-Type": "application/json"],
                body: Array("{\"ü\": 1}".utf8),
                timeout: 300
            )
        )
        #expect(response == TransportResponse(status: 207, body: Array("héllo".utf8)))
        let request = try #require(server.all.first)
        #expect(request.hasPrefix("POST /a/b?c=d HTTP/1.1\r\n"))
        #expect(request.contains("X-Token: t 1\r\n") && request.contains("application/json\r\n"))
        #expect(request.hasSuffix("\r\n\r\n{\"ü\": 1}"))
    }

    @Test("an error status is an answer", arguments: [400, 404, 500, 503])
    func statuses(status: Int) async throws {
        let server = try RawServer { $0.send(Self.answer("why", status: "\(status) No")) }
        defer { server.stop() }
        let response = try await URLSessionTransport().send(TransportRequest(url: server.url, timeout: 300))
        #expect(response == TransportResponse(status: status, body: Array("why".utf8)))
    }

    @Test("no redirect is followed: a token goes to the address that it was meant for, and nowhere else")
    func redirect() async throws {
        let other = try RawServer { $0.send(Self.answer("elsewhere")) }
        let server = try RawServer {
            $0.send(
                "HTTP/1.1 302 Found\r\nLocation: \(other.url)/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
        }
        defer { for one in [server, other] { one.stop() } }
        let response = try await URLSessionTransport().send(
            TransportRequest(url: server.url, headers: ["Authorization": "Bearer secret"], timeout: 300)
        )
        #expect(response.status == 302)
        #expect(other.all.isEmpty)
    }

    @Test("no cookie is kept from one request to the next")
    func cookies() async throws {
        let server = try RawServer {
            $0.send("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        }
        defer { server.stop() }
        let transport = URLSessionTransport()
        for _ in 0..<2 { _ = try await transport.send(TransportRequest(url: server.url, timeout: 300)) }
        #expect(server.all.count == 2)
        #expect(!server.all.contains { $0.lowercased().contains("\r\ncookie:") })
    }

    @Test("an answer as long as the bound is taken, one byte more is not")
    func bound() async throws {
        let server = try RawServer { $0.send(Self.answer(String(repeating: "x", count: 1000))) }
        defer { server.stop() }
        let whole = try await URLSessionTransport().send(
            TransportRequest(url: server.url, timeout: 300, maximumBytes: 1000)
        )
        #expect(whole.body.count == 1000)
        let error = try await failure(TransportRequest(url: server.url, timeout: 300, maximumBytes: 999))
        #expect(error == "the answer has over 999 bytes")
    }

    @Test("an answer without end is broken off at the bound")
    func endless() async throws {
        let sent = Mutex(0)
        let server = try RawServer { exchange in
            exchange.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            let piece = [UInt8](repeating: 120, count: 64 << 10)
            while exchange.send(piece) { sent.withLock { $0 += piece.count } }
        }
        defer { server.stop() }
        let error = try await failure(TransportRequest(url: server.url, timeout: 300, maximumBytes: 1 << 20))
        #expect(error == "the answer has over 1048576 bytes")
    }

    @Test("an answer that says that it will be too long is not waited for")
    func announced() async throws {
        let server = try RawServer { exchange in
            exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\nthe beginning")
            exchange.waitForClose()
        }
        defer { server.stop() }
        let error = try await failure(TransportRequest(url: server.url, timeout: 300, maximumBytes: 1000))
        #expect(error == "the answer has over 1000 bytes")
    }

    @Test("an answer that never comes, or comes byte by byte for ever, ends with the time that it may take")
    func slow() async throws {
        let silent = try RawServer { $0.waitForClose() }
        let trickling = try RawServer { exchange in
            exchange.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            while exchange.send("x") { Thread.sleep(forTimeInterval: 0.05) }
        }
        defer { for one in [silent, trickling] { one.stop() } }
        for server in [silent, trickling] {
            let error = try await failure(TransportRequest(url: server.url, timeout: 1))
            #expect(!error.isEmpty)
        }
    }

    @Test("an answer that breaks off is an error")
    func broken() async throws {
        let server = try RawServer {
            $0.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhalf")
        }
        defer { server.stop() }
        let error = try await failure(TransportRequest(url: server.url, timeout: 300))
        #expect(error.contains("URLError"))
    }

    @Test(
        "what is no address, and where nobody listens, is an error that says so",
        arguments: ["", "no address", "http://127.0.0.1:1/"]
    )
    func nowhere(url: String) async throws {
        #expect(try await !failure(TransportRequest(url: url)).isEmpty)
    }

    @Test("a request that is cancelled ends as cancelled, and gives the connection up")
    func cancelled() async throws {
        let hasBegun = AsyncStream<Void>.makeStream()
        let isClosed = AsyncStream<Void>.makeStream()
        let server = try RawServer { exchange in
            hasBegun.continuation.finish()
            exchange.waitForClose()
            isClosed.continuation.finish()
        }
        defer { server.stop() }
        let asking = Task {
            try await URLSessionTransport().send(TransportRequest(url: server.url, timeout: 300))
        }
        for await _ in hasBegun.stream {}
        asking.cancel()
        await #expect(throws: CancellationError.self) { _ = try await asking.value }
        for await _ in isClosed.stream {}
    }

    @Test("many requests beside each other each get their own answer")
    func many() async throws {
        let server = try RawServer { exchange in
            let path = exchange.request.split(separator: " ").dropFirst().first.map(String.init) ?? ""
            exchange.send(Self.answer(path))
        }
        defer { server.stop() }
        let transport = URLSessionTransport()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let response = try await transport.send(
                        TransportRequest(url: server.url + "/\(number)", timeout: 300)
                    )
                    #expect(String(decoding: response.body, as: UTF8.self) == "/\(number)")
                }
            }
            try await group.waitForAll()
        }
    }
}
#endif
