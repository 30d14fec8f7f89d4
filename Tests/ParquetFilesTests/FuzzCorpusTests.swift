import Foundation
import Testing

@testable import ParquetFiles

/// The committed seeds of `Tests/Fuzz/Corpus`.
@Suite("Fuzz corpus") struct FuzzCorpusTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .appendingPathComponent("Fuzz/Corpus")

    @Test("files that once broke something, and the seeds, end as rows or as a typed error")
    func corpus() throws {
        if ProcessInfo.processInfo.environment["TRIBUTARY_WRITE_CORPUS"] != nil {
            for seed in SeedFiles.all {
                try Data(seed.bytes).write(to: Self.folder.appendingPathComponent(seed.name + ".parquet"))
            }
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(files.count >= SeedFiles.all.count)
        for file in files {
            let bytes = Array(try Data(contentsOf: Self.folder.appendingPathComponent(file)))
            do throws(ParquetError) {
                try ForeignBytesTests.readEverything(bytes)
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
    }
}
