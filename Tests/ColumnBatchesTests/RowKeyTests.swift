import ColumnBatches
import Testing

@Suite("RowKeyTable") struct RowKeyTests {
    static func column(_ type: ColumnType, _ values: [ColumnValue]) -> Column {
        var builder = ColumnBuilder(type)
        for value in values { builder.append(value) }
        return builder.finish()
    }

    static func key(_ columns: [Column], _ row: Int) -> [UInt64] {
        var words: [UInt64] = []
        _ = RowKeyEncoder(columns).encode(row: row, into: &words)
        return words
    }

    @Test("texts of composite keys do not run into one another")
    func composite() {
        let first = Self.column(.string, [.string("ab"), .string("a"), .string(""), .string("abcdefgh")])
        let second = Self.column(.string, [.string("c"), .string("bc"), .string("abc"), .string("")])
        let keys = (0..<4).map { Self.key([first, second], $0) }
        #expect(Set(keys).count == 4)
    }

    @Test("canonically equivalent texts are different keys")
    func bytes() {
        let column = Self.column(.string, [.string("\u{E9}"), .string("e\u{301}")])
        #expect(Self.key([column], 0) != Self.key([column], 1))
    }

    @Test("a missing key value is named by its position")
    func missing() {
        let encoder = RowKeyEncoder([Self.column(.int32, [.integer(1)]), Self.column(.string, [.null])])
        var words: [UInt64] = []
        #expect(encoder.encode(row: 0, into: &words) == 1)
    }

    @Test("keys are found under the number of their first insertion while the table grows")
    func growth() {
        let column = Self.column(.int64, (0..<5000).map { .integer($0 * 7919 % 5000 - 2500) })
        var table = RowKeyTable()
        for row in 0..<5000 {
            let inserted = table.insert(Self.key([column], row))
            #expect(inserted.isNew && inserted.number == row)
        }
        for row in 0..<5000 { #expect(table.find(Self.key([column], row)) == row) }
        #expect(table.find([UInt64(99_999)]) == nil)
        #expect(table.key(17) == Self.key([column], 17))
    }
}

@Suite("RowDigester") struct RowDigestTests {
    @Test("a missing value, zero and an empty text differ")
    func missing() {
        let digester = RowDigester()
        let texts = RowKeyTests.column(.string, [.null, .string(""), .string("\0")])
        #expect(Set((0..<3).map { digester.digest([texts], row: $0) }).count == 3)
        let numbers = RowKeyTests.column(.int64, [.null, .integer(0)])
        #expect(digester.digest([numbers], row: 0) != digester.digest([numbers], row: 1))
    }

    @Test("equal rows have equal digests whatever batch they lie in")
    func equal() {
        let digester = RowDigester()
        let one = RowKeyTests.column(.string, [.string("x"), .string("déjà vu et revu")])
        let other = RowKeyTests.column(.string, [.string("déjà vu et revu")])
        #expect(digester.digest([one], row: 1) == digester.digest([other], row: 0))
    }
}
