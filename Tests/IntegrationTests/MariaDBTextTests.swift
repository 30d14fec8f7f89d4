#if MariaDB
import ColumnBatches
@testable import MariaDBConnectors
import Testing

/// Texts as packets of the binary protocol, decoded without a server.
@Suite("RowDecoder texts")
struct MariaDBTextTests {
    private static let column = WireColumn(
        type: 253,
        isUnsigned: false,
        charset: 45,
        decimals: 0,
        length: 400
    )

    /// Decodes texts, nil for missing ones, in batches; returns each batch's column.
    private func decode(_ texts: [String?], batchRows: Int) throws -> [Column] {
        let decoder = RowDecoder(
            columns: [RowDecoder.Plan(column: Self.column, operation: .text, type: .string)],
            capacity: batchRows
        )
        var columns: [Column] = []
        for (row, text) in texts.enumerated() {
            var packet: [UInt8] = [0, text == nil ? 4 : 0]
            if let text {
                let bytes = Array(text.utf8)
                packet +=
                    bytes.count < 251
                    ? [UInt8(bytes.count)] : [252, UInt8(bytes.count & 255), UInt8(bytes.count >> 8)]
                packet += bytes
            }
            try packet.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                try decoder.decode(base, length: bytes.count)
            }
            if decoder.rowCount == batchRows || row == texts.count - 1 { columns += decoder.takeColumns() }
        }
        return columns
    }

    private func dictionaryCount(_ column: Column) -> Int? {
        if case .dictionary(let values) = column.storage { values.dictionary.count } else { nil }
    }

    private func check(_ texts: [String?], _ columns: [Column]) {
        let values = columns.flatMap { $0.values }
        #expect(values == texts.map { $0.map { ColumnValue.string($0) } ?? .null })
    }

    @Test("texts that repeat become numbers, and batches without a new one share their dictionary")
    func repeating() throws {
        let kinds = [
            "", "a", "ab", "abc", "abcd", "1234567", "12345678", "123456789",
            String(repeating: "é", count: 150),
        ]
        let texts = (0..<3_000).map { $0 % 7 == 0 ? nil : kinds[$0 * 31 % kinds.count] }
        let columns = try decode(texts, batchRows: 1_000)
        check(texts, columns)
        #expect(columns.map(dictionaryCount) == [9, 9, 9])
        guard case .dictionary(let first) = columns[0].storage,
            case .dictionary(let last) = columns[2].storage
        else { return }
        let same = first.dictionary.bytes.withUnsafeBytes { one in
            last.dictionary.bytes.withUnsafeBytes { other in one.baseAddress == other.baseAddress }
        }
        #expect(same)
    }

    @Test("texts that differ are kept as they are, those before included", arguments: [64, 700, 4_096])
    func differing(batchRows: Int) throws {
        let texts = (0..<5_000).map { $0 % 11 == 3 ? nil : "text \($0 / 2)" }
        let columns = try decode(texts, batchRows: batchRows)
        check(texts, columns)
        #expect(columns.last.map(dictionaryCount) == .some(nil))
    }

    @Test("a column that turns from repeating to differing is given up on the way")
    func turning() throws {
        let texts: [String?] = (0..<40_000).map { $0 < 20_000 ? "s\($0 % 50)" : "n\($0)" }
        let columns = try decode(texts, batchRows: 3_000)
        check(texts, columns)
        #expect(dictionaryCount(columns[0]) == 50 && dictionaryCount(columns[columns.count - 1]) == nil)
    }

    @Test("a batch without any text has no dictionary to point into")
    func missing() throws {
        let texts: [String?] = Array(repeating: nil, count: 300) + ["x", nil, "x"]
        let columns = try decode(texts, batchRows: 100)
        check(texts, columns)
        #expect(columns.map(dictionaryCount) == [nil, nil, nil, 1])
    }

    @Test("random texts of a few to many kinds are what they were")
    func random() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<60 {
            let kinds = Int.random(in: 1...6_000, using: &generator)
            let texts: [String?] = (0..<4_000).map { _ in
                if Int.random(in: 0..<9, using: &generator) == 0 { return nil }
                let kind = Int.random(in: 0..<kinds, using: &generator)
                return String(repeating: "\(kind)", count: kind % 9)
            }
            check(texts, try decode(texts, batchRows: Int.random(in: 1...2_000, using: &generator)))
        }
    }
}
#endif
