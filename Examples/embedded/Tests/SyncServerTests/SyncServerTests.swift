import Foundation
import Hummingbird
import HummingbirdTesting
import Testing

@testable import sync_server

@Suite("SyncServer") struct SyncServerTests {
    @Test("the page and the status tell of the run that the server made in the background")
    func page() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "server-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let files = [
            "sync.json": """
            {"lake": "lake", "roster": "roster.json", "connections": {"files": {"folder": "."}},
             "schemas": {"shop": {"database": "shop_{client_id}.sqlite"}}, "tables": [{"schema": "shop", "name": "taxes", "cursor": null}]}
            """,
            "roster.json": #"{"clients": [{"client_id": "17", "region": "eu", "connection": "files"}]}"#,
        ]
        for (name, text) in files {
            try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
        }
        let sqlite = Process()
        sqlite.executableURL = URL(filePath: "/usr/bin/env")
        sqlite.arguments = [
            "sqlite3", "\(folder)/shop_17.sqlite",
            "CREATE TABLE taxes (country TEXT PRIMARY KEY NOT NULL, rate REAL); INSERT INTO taxes VALUES ('DE', 19), ('FR', 20)",
        ]
        try sqlite.run()
        sqlite.waitUntilExit()
        try #require(sqlite.terminationStatus == 0)

        let sync = try BackgroundSync(configuration: "\(folder)/sync.json")
        try await Application(router: SyncServer.router(sync)).test(.router) { client in
            try await client.execute(uri: "/health", method: .get) {
                #expect($0.status == .serviceUnavailable)
            }
            try await client.execute(uri: "/", method: .get) { #expect($0.status == .serviceUnavailable) }
            try await sync.runOnce()
            try await client.execute(uri: "/health", method: .get) { #expect($0.status == .ok) }
            try await client.execute(uri: "/", method: .get) { response in
                #expect(response.headers[.contentType] == "text/html; charset=utf-8")
                #expect(String(buffer: response.body).contains("taxes"))
            }
            try await client.execute(uri: "/status", method: .get) { response in
                #expect(String(buffer: response.body).contains(#""client" : "17""#))
            }
        }
    }
}
