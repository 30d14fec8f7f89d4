import ColumnBatches
import Testing

@Suite("DictionaryValues") struct DictionaryColumnTests {
    static let dictionary = ByteValues(offsets: [0, 1, 3, 3], bytes: Array("abb".utf8))
    let column = Column(
        type: .string,
        storage: .dictionary(DictionaryValues(indices: [1, 0, 2, 1], dictionary: dictionary)),
        validity: Bitmap(words: [0b1011], count: 4)
    )

    @Test("values are those of the dictionary, missing ones aside")
    func values() {
        #expect(column.values == [.string("bb"), .string("a"), .null, .string("bb")])
        #expect(column.decoded.values == column.values)
    }

    @Test("rows are the same as rows of a plain column, for comparison, keys and digests")
    func sameness() {
        let plain = column.decoded
        let digester = RowDigester()
        var mine: [UInt64] = []
        var theirs: [UInt64] = []
        for row in 0..<4 {
            #expect(column.isSame(row, as: plain, row) && plain.isSame(row, as: column, row))
            #expect(digester.digest([column], row: row) == digester.digest([plain], row: row))
            #expect(
                RowKeyEncoder([column]).encode(row: row, into: &mine)
                    == RowKeyEncoder([plain]).encode(row: row, into: &theirs)
            )
            #expect(mine == theirs)
        }
        #expect(!column.isSame(0, as: plain, 1))
    }

    @Test("a builder takes its rows")
    func builder() {
        var builder = ColumnBuilder(.string)
        builder.append(contentsOf: column, rows: 1..<4)
        #expect(builder.finish().values == [.string("a"), .null, .string("bb")])
    }
}
