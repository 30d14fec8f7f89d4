import DeltaLog
@testable import DeltaTables
import ObjectStores
import SyncPipelines
import Testing

/// What a first load leaves: files that the upkeep after it has no reason to write once more.
@Suite("Loaded files") struct LoadedFilesTests {
    private func files(_ sizes: [Int]) -> [AddFile] {
        sizes.enumerated().map { number, size in
            AddFile(path: "\(number)", partitionValues: [:], size: Int64(size), modificationTime: 0)
        }
    }

    @Test("files of the first size stay as they are, and parts of it are packed")
    func packing() throws {
        let first = try #require(MemoryFleet(store: MemoryObjectStore()).pipeline.files.firstFileBytes)
        let loaded = files((0..<40).map { first * (80 + $0) / 100 })
        #expect(TidyOptions().groups(of: loaded).isEmpty)
        let parts = files((0..<8).map { first * (15 + $0) / 100 })
        #expect(TidyOptions().groups(of: parts).map(\.count) == [8])
        #expect(TidyOptions().groups(of: loaded + parts).map(\.count) == [8])
    }
}
