import ColumnBatches
import Foundation
public import SourceConnectors

/// Answers requests of an API; an HTTP client, or a test.
public protocol APITransport: Sendable {
    /// Sends a GET request.
    ///
    /// - Parameters:
    ///   - path: The path with its query, such as `/tables/orders/rows?since=0&limit=100`.
    ///   - token: The bearer token.
    /// - Returns: The status and the body.
    /// - Throws: What keeps an answer from coming.
    func get(_ path: String, token: String) async throws -> (status: Int, body: [UInt8])
}

/// Reads a REST API that hands out tables page by page.
///
/// `GET /clock` tells the time, `GET /tables/T` the columns, `GET /tables/T/rows` a page of rows and where the next
/// one begins. Pages come in order of the key, or of cursor and key, from `since` on, that instant included.
public struct PagedAPIConnector: SourceConnector {
    /// The API of each connection.
    private let transports: [String: any APITransport]
    /// Asked for at each request; a closure, so that the token shows up nowhere.
    private let token: @Sendable () throws -> String

    /// Makes a connector.
    public init(transports: [String: any APITransport], token: @escaping @Sendable () throws -> String) {
        self.transports = transports
        self.token = token
    }

    /// Runs the body; there is nothing to open or to close.
    public func withSession<Result: Sendable>(
        for source: Source,
        _ body: sending (PagedAPISession) async throws -> Result
    ) async throws -> Result {
        guard let transport = transports[source.connection] else {
            throw SourceError(
                .invalid,
                source: source,
                message: "no API is named so; name one of the connector's"
            )
        }
        return try await body(PagedAPISession(transport: transport, token: token))
    }
}

/// A session with an API.
public struct PagedAPISession: SourceSession {
    let transport: any APITransport
    let token: @Sendable () throws -> String

    private struct Table: Decodable {
        struct Column: Decodable {
            var name: String
            var type: String
            var nullable: Bool
        }
        var columns: [Column]
        var key: [String]
        var cursor: String?
    }

    private struct Clock: Decodable { var now: Int64 }

    /// Describes a table.
    public func describe(_ table: TableName) async throws -> TableDescription? {
        guard let found = try await get(Table.self, "/tables/\(table.table.escaped)") else { return nil }
        return TableDescription(
            name: table,
            columns: found.columns.map { column in
                ColumnDescription(
                    name: column.name,
                    type: ["string": .string, "long": .int64, "timestamp": .timestamp][column.type],
                    sourceType: column.type,
                    isNullable: column.nullable
                )
            },
            primaryKey: found.key,
            cursorCandidates: [found.cursor].compactMap(\.self).map {
                CursorCandidate(
                    column: $0,
                    type: .timestamp,
                    fractionalDigits: 6,
                    isIndexed: true,
                    isServerSet: true
                )
            },
            hasSnapshots: false  // each page is what the API holds at that moment
        )
    }

    /// The API's clock; it does not tell what is under way.
    public func signals() async throws -> MarkSignals {
        guard let clock = try await get(Clock.self, "/clock") else {
            throw SourceError(.missing, message: "the API tells no time; marks need its clock")
        }
        return MarkSignals(now: clock.now, limitations: ["the API does not tell what is under way"])
    }

    /// Reads pages as they are asked for.
    public func rows(_ query: ReadQuery, at consistency: ReadConsistency) async throws -> PagedAPIRows {
        guard query.filters.isEmpty else {
            throw SourceError(
                .invalid,
                table: query.table,
                message: "the API does not filter; drop the filters"
            )
        }
        return PagedAPIRows(session: self, query: query)
    }

    /// There is no snapshot.
    public func endSnapshot() async throws {}

    /// The answer to a request, or nil when there is no such thing.
    func get<Answer: Decodable>(_: Answer.Type, _ path: String) async throws -> Answer? {
        guard !Task.isCancelled else { throw SourceError(.cancelled, message: "the task was cancelled") }
        let (status, body) = try await transport.get(path, token: try token())
        switch status {
        case 200: return try JSONDecoder().decode(Answer.self, from: Data(body))
        case 404: return nil
        case 401, 403:
            throw SourceError(.accessDenied, message: "the API refused the token; check its source")
        default:
            throw SourceError(
                .interrupted,
                serverCode: status,
                isTransient: status == 429 || status >= 500,
                message: "the API answered \(status)"
            )
        }
    }
}

extension String {
    /// With everything but letters and digits escaped.
    var escaped: String { addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? self }
}
