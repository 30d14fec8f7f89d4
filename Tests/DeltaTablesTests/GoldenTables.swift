import Foundation
import Testing

/// A table that another program wrote, with what a reader must get from it.
struct GoldenTable: Decodable, Sendable, CustomTestStringConvertible {
    struct Version: Decodable, Sendable {
        var version: Int64
        var rows: Int
        var sha256: String
    }

    struct Changes: Decodable, Sendable {
        var start: Int64
        var end: Int64
        var rows: Int
        var sha256: String
    }

    var `case`: String
    var kind: String
    var version: Int64?
    var rows: Int?
    var sha256: String?
    var activeFiles: Int?
    var activePathsSha256: String?
    var txns: [String: Int64]?
    var domains: [String: String]?
    var versions: [Version]?
    var cdf: Changes?

    var testDescription: String { self.case }

    /// The folder of all cases: from the environment, or beside the package.
    static let folder: String? = {
        let beside = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared").path
        let roots = [ProcessInfo.processInfo.environment["TRIBUTARY_SHARED"], beside].compactMap { $0 }
        return roots.map { $0 + "/golden/delta" }.first { FileManager.default.fileExists(atPath: $0) }
    }()

    static let all: [GoldenTable] = {
        guard let folder, let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            return []
        }
        return names.sorted().compactMap { name in
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)/case.json") else {
                return nil
            }
            return try? JSONDecoder().decode(GoldenTable.self, from: data)
        }
    }()

    static func named(_ kind: String) -> [GoldenTable] { all.filter { $0.kind == kind } }

    var root: String { (Self.folder ?? "") + "/" + self.case + "/table" }
}
