import ColumnBatches
import Foundation
import ParquetFiles
import Testing

@Suite("ParquetSource") struct ParquetSourceTests {
    @Test("a file on the disk is read without waiting")
    func localFile() throws {
        let (bytes, batch) = try ParquetReaderTests.sample()
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).parquet").path
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let source = try LocalParquetFile(path: path)
        #expect(source.byteCount == bytes.count)
        var batches = try ParquetReader(blocking: source).blockingBatches(columns: ["id"], batchRows: 300)
        var values: [ColumnValue] = []
        while let next = try batches.next() { values += next.columns[0].values }
        #expect(values == batch.columns[0].values)
        #expect(throws: ParquetError.self) { try source.readNow(0..<(bytes.count + 1)) }
        // A file that shrinks while it is open is an error as well.
        try Data(bytes.prefix(100)).write(to: URL(fileURLWithPath: path + ".short"))
        #expect(throws: ParquetError.self) {
            try ParquetReader(blocking: LocalParquetFile(path: path + ".short"))
        }
        try FileManager.default.removeItem(atPath: path + ".short")
        #expect(throws: ParquetError.self) { try LocalParquetFile(path: path + ".missing") }
    }

    /// A source that waits, and fails or falls short after some reads.
    actor Failing: ParquetSource {
        struct Lost: Error {}
        nonisolated let byteCount: Int
        private let bytes: [UInt8]
        private var left: Int
        private let isShort: Bool

        init(_ bytes: [UInt8], after reads: Int, isShort: Bool = false) {
            (self.bytes, byteCount, left, self.isShort) = (bytes, bytes.count, reads, isShort)
        }

        func read(_ range: Range<Int>) async throws -> [UInt8] {
            await Task.yield()
            left -= 1
            if left < 0 && !isShort { throw Lost() }
            return Array(bytes[left < 0 ? range.dropLast() : range])
        }
    }

    @Test("what a source throws comes through, and bytes that it leaves out are missed")
    func failures() async throws {
        let (bytes, batch) = try ParquetReaderTests.sample()
        let whole = try await ParquetReader.open(Failing(bytes, after: .max))
        var values: [ColumnValue] = []
        for try await next in try whole.batches(columns: ["name"], rowGroups: [0], batchRows: 100) {
            values += next.columns[0].values
        }
        #expect(values == Array(batch.columns[1].values[..<450]))
        await #expect(throws: Failing.Lost.self) { try await ParquetReader.open(Failing(bytes, after: 0)) }
        await #expect(throws: ParquetError.self) {
            try await ParquetReader.open(Failing(bytes, after: 0, isShort: true))
        }
        let reader = try await ParquetReader.open(Failing(bytes, after: 1))
        await #expect(throws: Failing.Lost.self) { try await reader.readRowGroup(0) }
        let short = try await ParquetReader.open(Failing(bytes, after: 1, isShort: true))
        await #expect(throws: ParquetError.self) { try await short.readRowGroup(0) }
    }

    @Test("a cancelled task reads no further")
    func cancellation() async throws {
        let (bytes, _) = try ParquetReaderTests.sample()
        let reader = try await ParquetReader.open(MemoryParquetSource(bytes))
        let task = Task {
            var count = 0
            for try await _ in try reader.batches(batchRows: 10) {
                count += 1
                withUnsafeCurrentTask { $0?.cancel() }
            }
            return count
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
