import Foundation
import Testing

/// Files of other writers with the rows they hold, from a folder beside the repository.
///
/// The folder is `../shared/golden/parquet`, or `golden/parquet` in the folder that TRIBUTARY_SHARED names. Tests that
/// need it are skipped where it is missing.
enum GoldenFiles {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        var file: String
        var kind: String
        var rows: Int?
        var sha256: String?
        var fileOrderSha256: String?

        var testDescription: String { file }
    }

    static let folder: String? = {
        var candidates: [String] = []
        if let shared = ProcessInfo.processInfo.environment["TRIBUTARY_SHARED"] { candidates.append(shared) }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        candidates.append(root.deletingLastPathComponent().appendingPathComponent("shared").path)
        return candidates.map { $0 + "/golden/parquet" }.first {
            FileManager.default.fileExists(atPath: $0 + "/cases.jsonl")
        }
    }()

    static let cases: [Case] = {
        guard let folder, let text = try? String(contentsOfFile: folder + "/cases.jsonl", encoding: .utf8)
        else {
            return []
        }
        return text.split(separator: "\n").compactMap {
            try? JSONDecoder().decode(Case.self, from: Data($0.utf8))
        }
    }()

    static func bytes(_ file: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: (folder ?? "") + "/" + file)))
    }
}
