import Foundation
import Testing

/// The committed seeds of `Tests/Fuzz/DeltaCorpus`.
@Suite("Fuzz corpus of tables") struct DeltaCorpusTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .appendingPathComponent("Fuzz/DeltaCorpus")

    @Test(
        "bytes that once broke something, and the seeds, end as values or as typed errors",
        .timeLimit(.minutes(5))
    )
    func corpus() async throws {
        if ProcessInfo.processInfo.environment["TRIBUTARY_WRITE_CORPUS"] != nil {
            for (name, bytes) in try await DeltaSeeds.all() {
                try Data(bytes).write(to: Self.folder.appendingPathComponent(name))
            }
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(names.count > 20)
        for name in names.sorted() {
            let bytes = Array(try Data(contentsOf: Self.folder.appendingPathComponent(name)))
            await DeltaInputs.read(bytes)
            for length in [bytes.count / 2, bytes.count - 1] {
                await DeltaInputs.read(Array(bytes.prefix(length)))
            }
        }
    }
}
