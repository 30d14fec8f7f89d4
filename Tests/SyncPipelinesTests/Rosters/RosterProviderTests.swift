import Foundation
import ObjectStores
@testable import SyncPipelines
import Synchronization
import Testing

/// A service in memory: what it answers by address, and what it was asked.
final class MemoryTransport: HTTPTransport {
    struct Down: Error, CustomStringConvertible { let description = "no route to host" }

    private let content: Mutex<(answers: [String: [TransportResponse]], asked: [TransportRequest])>

    init(_ answers: [String: [TransportResponse]]) { content = Mutex((answers, [])) }

    var asked: [TransportRequest] { content.withLock { $0.asked } }

    func set(_ url: String, _ answers: TransportResponse...) {
        content.withLock { $0.answers[url] = answers }
    }

    /// The answers of an address come in turn, the last one for ever.
    func send(_ request: TransportRequest) async throws -> TransportResponse {
        try content.withLock { content in
            content.asked.append(request)
            guard let answers = content.answers[request.url], let answer = answers.first else { throw Down() }
            if answers.count > 1 { content.answers[request.url] = Array(answers.dropFirst()) }
            return answer
        }
    }
}

@Suite("RosterProvider") struct RosterProviderTests {
    private static let first = "https://clients.example.org/v1/clients"

    private static func configuration() -> SyncConfiguration {
        SyncConfiguration(
            lake: "lake",
            connections: ["c1": ConnectionSettings(host: "h", user: "u")],
            schemas: ["shop": SchemaSettings(database: "d")],
            tables: []
        )
    }

    private static func page(_ clients: [String], next: String? = nil) -> TransportResponse {
        let list = clients.map { #"{"client_id": "\#($0)", "region": "eu", "connection": "c1"}"# }
        let more = next.map { #", "next": "\#($0)""# } ?? ""
        return TransportResponse(
            status: 200,
            body: Array(#"{"clients": [\#(list.joined(separator: ", "))]\#(more)}"#.utf8)
        )
    }

    private static func roster(_ transport: MemoryTransport) -> HTTPRoster {
        var roster = HTTPRoster(
            configuration(),
            HTTPRosterSettings(url: first, token: .environment("T")),
            transport: transport,
            token: { _ in "secret" }
        )
        roster.sleep = { _ in }
        return roster
    }

    @Test("pages are followed to the end, each with the token, whole addresses and relative ones")
    func pages() async throws {
        let transport = MemoryTransport([
            Self.first: [Self.page(["1", "2"], next: "?page=2")],
            Self.first + "?page=2": [Self.page(["3"], next: "https://clients.example.org/v1/last")],
            "https://clients.example.org/v1/last": [Self.page(["4"])],
        ])
        let found = try await Self.roster(transport).roster()
        #expect(found.entries.map(\.client) == ["1", "2", "3", "4"] && found.outage == nil)
        #expect(transport.asked.allSatisfy { $0.headers["Authorization"] == "Bearer secret" })
    }

    @Test(
        "what a service may not do is refused in words that name the cure",
        arguments: [
            (page(["1"], next: first), "lead back"),
            (page(["1"], next: "https://evil.example.org/v1/clients"), "another origin"),
            (page(["1"], next: "http://clients.example.org/v1/clients?page=2"), "another origin"),
            (page([]), "no clients"), (page(["1", "1"]), "there twice"),
            (TransportResponse(status: 302), "has moved"),
            (TransportResponse(status: 401), "refuses the token"),
            (TransportResponse(status: 404), "correct \"url\""),
            (TransportResponse(status: 500), "answers with 500"),
            (TransportResponse(status: 200, body: Array("<html>".utf8)), "is not JSON that can be read"),
            (
                TransportResponse(status: 200, body: Array(#"{"clients": [{"client_id": 1}]}"#.utf8)),
                "\"region\" is missing"
            ),
        ]
    )
    func refused(answer: TransportResponse, says: String) async throws {
        let transport = MemoryTransport([Self.first: [answer]])
        await #expect {
            _ = try await Self.roster(transport).roster()
        } throws: { error in
            let text = "\(error)"
            if !text.contains(says) { print("got \(text)") }
            return text.contains(says) && !text.contains("secret") && error is SyncError
        }
        #expect(transport.asked.count <= 3 && transport.asked.allSatisfy { $0.url == Self.first })
    }

    @Test("what passes by itself is tried again, what does not is not")
    func attempts() async throws {
        let transport = MemoryTransport([
            Self.first: [TransportResponse(status: 503), TransportResponse(status: 429), Self.page(["1"])]
        ])
        #expect(try await Self.roster(transport).roster().entries.count == 1)
        let refusing = MemoryTransport([Self.first: [TransportResponse(status: 403)]])
        await #expect(throws: SyncError.self) { try await Self.roster(refusing).roster() }
        #expect(refusing.asked.count == 1)
    }

    @Test("the last good answer serves while there is none, says its age, and ends to count")
    func cache() async throws {
        let transport = MemoryTransport([Self.first: [Self.page(["1", "2"])]])
        let store = MemoryObjectStore()
        let start = Date(timeIntervalSince1970: 1_700_000_000)
        func cached(after seconds: Double) -> CachedRoster {
            var roster = CachedRoster(
                Self.configuration(),
                Self.roster(transport),
                in: store,
                maximumAge: .seconds(86_400)
            )
            roster.clock = { start.addingTimeInterval(seconds) }
            return roster
        }
        for minute in 0..<5 { #expect(try await cached(after: Double(minute) * 60).roster().outage == nil) }
        let answers = await store.list("tributary/roster", after: nil)
        #expect(answers.count == 2)
        transport.set(Self.first, TransportResponse(status: 500))
        let kept = try await cached(after: 240 + 3 * 3600).roster()
        #expect(kept.entries.map(\.client) == ["1", "2"])
        let note = try #require(kept.note(at: start.addingTimeInterval(240 + 3 * 3600)))
        #expect(note.contains("3 h old") && note.contains("answers with 500"))
        transport.set(Self.first, Self.page([]))
        #expect(try await cached(after: 500).roster().outage?.reason.contains("no clients") == true)
        await #expect {
            _ = try await cached(after: 240 + 86_401).roster()
        } throws: {
            "\($0)".contains("too old")
        }
        transport.set(Self.first, Self.page(["2"]))
        #expect(try await cached(after: 90_000).roster().entries.map(\.client) == ["2"])
    }

    @Test("a client that leaves the roster keeps its rows")
    func leaving() async throws {
        var fleet = MemoryFleet()
        for name in ["c1", "c2"] { fleet.commit(name, [MemoryFleet.row(1, name, at: MemoryFleet.start - 1)]) }
        let all = TaskSelection(regions: .all)
        _ = try await fleet.pipeline.prepare(all)
        _ = try await fleet.pipeline.run(all)
        let before = try await fleet.lakeRows("2", "us")
        fleet.roster.entries.removeLast()
        let report = try await fleet.pipeline.run(all)
        #expect(report.succeeded && report.tasks.map(\.client) == ["1"])
        #expect(try await fleet.lakeRows("2", "us") == before && before.count == 1)
    }

    @Test("a closure's clients are checked against the configuration")
    func closure() async throws {
        let good = ClosureRoster(Self.configuration()) {
            [RosterEntry(client: "1", region: "eu", connection: "c1")]
        }
        #expect(try await good.roster().entries.count == 1)
        for (entry, says) in [
            (RosterEntry(client: "1", region: "eu", connection: "c2"), "did you mean \"c1\""),
            (RosterEntry(client: "", region: "eu", connection: "c1"), "id is empty"),
            (RosterEntry(client: "1", region: "", connection: "c1"), "no region"),
        ] {
            await #expect {
                _ = try await ClosureRoster(Self.configuration()) { [entry] }.roster()
            } throws: {
                "\($0)".contains(says)
            }
        }
    }

    @Test(
        "an address that is not safe is refused with its place",
        arguments: ["http://example.org/c", "https://user:pw@example.org/", "ftp://x/", "clients.json", ""]
    )
    func addresses(url: String) {
        #expect {
            _ = try SyncConfiguration(
                json: #"{"lake": "l", "roster": {"url": "\#(url)"}, "schemas": {}, "tables": []}"#
            )
        } throws: { error in
            (error as? SyncError)?.path == "roster.url"
        }
    }
}
