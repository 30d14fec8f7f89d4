import ColumnBatches
import Testing

@Suite("BucketDigests") struct BucketDigestsTests {
    @Test("checksums are those of the standards' check text")
    func checksums() {
        #expect(RowChecksum(Array("123456789".utf8)) == RowChecksum(crc32: 0xCBF4_3926, crc32c: 0xE306_9283))
        #expect(RowChecksum([]) == RowChecksum(crc32: 0, crc32c: 0))
        #expect(RowChecksum([UInt8](repeating: 0, count: 32)).crc32c == 0x8A91_36AA)
    }

    static let texts: [(ColumnType, ColumnValue, String)] = [
        (.int64, .integer(.min), "-9223372036854775808"), (.boolean, .boolean(true), "1"),
        (.decimal(precision: 12, scale: 2), .decimal(-5, scale: 2), "-0.05"),
        (.decimal(precision: 38, scale: 0), .decimal(0, scale: 0), "0"),
        (.date, .date(-719_162), "0001-01-01"), (.date, .date(19_782), "2024-02-29"),
        (.timestamp, .timestamp(-1), "1969-12-31 23:59:59.999999"),
        (.double, .double(1e15), "1e15"), (.double, .double(999_999_999_999_999.9), "999999999999999.9"),
        (.double, .double(1_234_567_890_123_456.8), "1234567890123456.8"), (.double, .double(-0.0), "-0"),
        (.double, .double(1e-15), "0.000000000000001"), (.double, .double(1e-16), "1e-16"),
        (.double, .double(.leastNonzeroMagnitude), "5e-324"), (.float, .float(0.1), "0.10000000149011612"),
        (.string, .string("ünï"), "ünï"), (.string, .null, "\u{1E}"),
    ]

    @Test("values have one text each", arguments: texts)
    func rowText(type: ColumnType, value: ColumnValue, text: String) {
        var builder = ColumnBuilder(type)
        builder.append(value)
        var row = RowText()
        row.set([builder.finish()], row: 0)
        #expect(String(decoding: row.bytes, as: UTF8.self) == text)
    }

    @Test("the order of rows and the cut of batches do not matter, any value does")
    func content() {
        let schema = BatchSchema([Field("id", .int64), Field("name", .string)])
        func digests(_ rows: [(Int64, String)], perBatch: Int) -> BucketDigests {
            var digests = BucketDigests(rule: BucketRule(keys: ["id"], count: 8))
            for start in stride(from: 0, to: rows.count, by: perBatch) {
                var ids = ColumnBuilder(.int64)
                var names = ColumnBuilder(.string)
                for row in rows[start..<min(start + perBatch, rows.count)] {
                    ids.append(.integer(row.0))
                    names.append(.string(row.1))
                }
                digests.add(ColumnBatch(schema: schema, columns: [ids.finish(), names.finish()]))
            }
            return digests
        }
        let rows = (0..<100).map { (Int64($0), "n\($0)") }
        let whole = digests(rows, perBatch: 100)
        #expect(whole == digests(rows.reversed(), perBatch: 7))
        var other = rows
        other[42].1 = "x"
        #expect(whole.differing(from: digests(other, perBatch: 10)).count == 1)
        #expect(BucketDigests(rule: whole.rule, bytes: whole.bytes) == whole)
        #expect(BucketDigests(rule: whole.rule, bytes: Array(whole.bytes.dropLast())) == nil)
    }
}
