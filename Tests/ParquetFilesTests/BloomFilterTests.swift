import ColumnBatches
import Testing

@testable import ParquetFiles

@Suite("ParquetBloomFilter") struct BloomFilterTests {
    @Test(
        "the hash is XXH64",
        arguments: [
            ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
            ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
        ] as [(String, UInt64)]
    )
    func hash(text: String, expected: UInt64) {
        #expect(XXHash64.hash(Array(text.utf8)) == expected)
    }

    static func filter(_ bytes: [UInt8], _ physical: PhysicalType, _ converted: ConvertedType? = nil) throws
        -> ParquetBloomFilter
    {
        let leaf = try EncodingTests.leaf(physical, converted: converted)
        return ParquetBloomFilter(bytes, try BloomFilterHeader(bytes), leaf: leaf)
    }

    /// Needs the folder of golden files and is skipped where it is missing.
    @Test(
        "a filter of another writer holds what was put in, and hardly anything else",
        .enabled(if: GoldenFiles.folder != nil, "the folder of golden files is missing")
    )
    func foreignFilter() throws {
        let filter = try Self.filter(try GoldenFiles.bytes("bloom_filter.xxhash.bin"), .byteArray, .utf8)
        let present = ["hello", "parquet", "bloom", "filter"].allSatisfy { filter.mightContain(.string($0)) }
        #expect(present)
        let others = (0..<1000).count { filter.mightContain(.string("other \($0)")) }
        #expect(others < 20)
        let isUncertain = filter.mightContain(.integer(5))
        #expect(isUncertain, "a value of another type is never certain to be missing")
    }

    /// Needs the folder of golden files and is skipped where it is missing.
    @Test(
        "filter and page index are found through the footer",
        .enabled(if: GoldenFiles.folder != nil, "the folder of golden files is missing")
    )
    func throughFooter() async throws {
        let file = try GoldenFiles.bytes("data_index_bloom_encoding_stats.parquet")
        let reader = try await ParquetReader.open(MemoryParquetSource(file))
        let name = try #require(reader.schema.names.first)
        let filter = try #require(try await reader.bloomFilter(of: name, rowGroup: 0))
        let batch = try await reader.readRowGroup(0)
        let areAllThere = batch.columns[0].values.allSatisfy { filter.mightContain($0) }
        #expect(areAllThere)
        let others = (0..<200).count { filter.mightContain(.string("other \($0)")) }
        #expect(others < 20)
        let pages = try #require(try await reader.pages(of: name, rowGroup: 0))
        #expect(pages.map(\.rows) == [0..<14])
        #expect(pages[0].statistics.min != nil && pages[0].statistics.nullCount == 0)
        await #expect(throws: ParquetError.self) {
            _ = try await reader.bloomFilter(of: "nothing", rowGroup: 0)
        }
        await #expect(throws: ParquetError.self) { _ = try await reader.pages(of: name, rowGroup: 1) }
    }

    @Test("headers of impossible or unknown filters are refused")
    func damage() {
        func header(_ size: Int, kind: Int16 = 1) -> [UInt8] {
            var writer = ThriftWriter()
            writer.element { header in
                header.int32(1, size)
                for field in 2...4 { header.structure(Int16(field)) { $0.structure(kind) { _ in } } }
            }
            return writer.bytes
        }
        #expect(throws: Never.self) { try BloomFilterHeader(header(32)) }
        for bytes in [header(31), header(0), header(-32), header(1 << 30), header(32, kind: 2), [], [0xFF]] {
            #expect(throws: ParquetError.self) { try BloomFilterHeader(bytes) }
        }
    }
}
