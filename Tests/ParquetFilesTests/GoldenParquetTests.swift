import ColumnBatches
import DeltaTables
import Foundation
import ParquetFiles
import Testing

/// Files of other writers; needs the folder of golden files and is skipped where it is missing.
@Suite(
    "Golden Parquet files",
    .enabled(if: GoldenFiles.folder != nil, "the folder of golden files is missing")
)
struct GoldenParquetTests {
    @Test(
        "rows are those that independent readers agree on; damage is a typed error",
        arguments: GoldenFiles.cases
    )
    func golden(file: GoldenFiles.Case) throws {
        let bytes = try GoldenFiles.bytes(file.file)
        let begun = ContinuousClock.now
        switch file.kind {
        case "rows":
            for batchRows in [65_536, 7] where batchRows > 7 || (file.rows ?? 0) < 2000 {
                try expect(try Self.lines(bytes, batchRows: batchRows), file)
            }
            let lines = try Self.lines(bytes, batchRows: 1000, windowBytes: 64, keepsDictionaries: true)
            try expect(lines, file)
            let ranges = [
                1..<2, 3..<9, (lines.count / 2)..<(lines.count / 2 + 40),
                (lines.count - lines.count / 9)..<lines.count,
            ]
            let picked = try Self.lines(bytes, batchRows: 11, windowBytes: 64, rows: ranges)
            let wanted = lines.indices.filter { index in ranges.contains { $0.contains(index) } }
            #expect(picked == wanted.map { lines[$0] })
        case "reject":
            let error = #expect(throws: ParquetError.self) { try Self.lines(bytes, batchRows: 1024) }
            if let error { #expect(!error.message.isEmpty) }
        default:
            do throws(ParquetError) {
                let lines = try Self.lines(bytes, batchRows: 1024)
                if file.rows != nil { try? expect(lines, file) }
            } catch {}
        }
        // A debug build decodes many times slower than a release build; this only tells a hang.
        #expect(begun.duration(to: .now) < .seconds(60))
    }

    private func expect(_ lines: [[UInt8]], _ file: GoldenFiles.Case) throws {
        #expect(lines.count == file.rows)
        let newline: [UInt8] = [0x0A]
        if let expected = file.fileOrderSha256 {
            #expect(sha256(Array(lines.joined(separator: newline))) == expected)
        }
        let sorted = lines.sorted { $0.lexicographicallyPrecedes($1) }
        #expect(sha256(Array(sorted.joined(separator: newline))) == file.sha256)
    }

    static func lines(
        _ bytes: [UInt8],
        batchRows: Int,
        windowBytes: Int = 1 << 20,
        keepsDictionaries: Bool = false,
        rows: [Range<Int>]? = nil
    ) throws(ParquetError) -> [[UInt8]] {
        var reader = try ParquetReader(blocking: MemoryParquetSource(bytes))
        reader.options.windowBytes = windowBytes
        reader.options.keepsDictionaries = keepsDictionaries
        var batches = try reader.blockingBatches(rows: rows, batchRows: batchRows)
        var lines: [[UInt8]] = []
        while let batch = try batches.next() {
            let canonical = CanonicalRow(batch.schema)
            for row in 0..<batch.rowCount { lines.append(Array(canonical.text(batch, row).utf8)) }
        }
        return lines
    }
}
