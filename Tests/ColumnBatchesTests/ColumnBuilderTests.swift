import ColumnBatches
import Testing

@Suite("ColumnBuilder") struct ColumnBuilderTests {
    static let samples: [(ColumnType, [ColumnValue])] = [
        (.boolean, [.boolean(true), .null, .boolean(false)]),
        (.int8, [.integer(-128), .null, .integer(127)]),
        (.int32, [.integer(-5), .integer(7), .null]),
        (.int64, [.integer(.min), .null, .integer(.max)]),
        (.decimal(precision: 12, scale: 2), [.decimal(-5, scale: 2), .null, .decimal(123_456, scale: 2)]),
        (
            .decimal(precision: 38, scale: 0),
            [.decimal(Int128.max / 2, scale: 0), .null, .decimal(-1, scale: 0)]
        ),
        (.float, [.float(1.5), .null, .float(-.infinity)]),
        (.double, [.double(-0.0), .null, .double(.greatestFiniteMagnitude)]),
        (.date, [.date(-1), .null, .date(20_000)]),
        (.timestamp, [.timestamp(-1), .null, .timestamp(1_700_000_000_000_000)]),
        (.timestampNTZ, [.timestampNTZ(0), .null, .timestampNTZ(5)]),
        (.string, [.string("a"), .null, .string(""), .string("déjà 🚚")]),
        (.binary, [.binary([0, 255]), .null, .binary([])]),
        (.uint64, [.unsigned(.max), .null, .unsigned(0)]),
        (.time(.nanoseconds), [.time(1, .nanoseconds), .null, .time(86_399_999_999_999, .nanoseconds)]),
        (
            .list(element: Field("element", .string)),
            [.list([.string("a"), .null]), .null, .list([]), .list([.string("bc")])]
        ),
        (
            .structure([Field("x", .int32), Field("y", .list(element: Field("element", .double)))]),
            [
                .structure([.integer(1), .list([.double(2)])]), .null, .structure([.null, .null]),
                .structure([.integer(3), .list([])]),
            ]
        ),
        (
            .map(key: Field("key", .string, isNullable: false), value: Field("value", .boolean)),
            [
                .map([ColumnValue.Pair(.string("k"), .boolean(true)), ColumnValue.Pair(.string("l"), .null)]),
                .null, .map([]),
            ]
        ),
    ]

    @Test("values come back as they went in", arguments: samples)
    func values(type: ColumnType, values: [ColumnValue]) {
        var builder = ColumnBuilder(type)
        for value in values { builder.append(value) }
        let column = builder.finish()
        #expect(column.values == values)
        #expect(column.nullCount == 1)
        #expect(builder.count == 0)
    }

    @Test("ranges of other columns keep their missing values", arguments: samples)
    func ranges(type: ColumnType, values: [ColumnValue]) {
        var builder = ColumnBuilder(type)
        for value in values { builder.append(value) }
        let column = builder.finish()
        builder.append(contentsOf: column, rows: 1..<values.count)
        builder.append(contentsOf: column, rows: 0..<2)
        #expect(builder.finish().values == Array(values[1...]) + Array(values[..<2]))
    }

    @Test("a repeated value fills a column", arguments: samples)
    func repeated(type: ColumnType, values: [ColumnValue]) {
        for value in values {
            #expect(
                Column.repeating(value, type: type, count: 70).values == Array(repeating: value, count: 70)
            )
        }
    }

    @Test("a column without missing values has no validity")
    func noValidity() {
        var builder = ColumnBuilder(.int32)
        builder.append(.integer(1))
        #expect(builder.finish().validity == nil)
    }
}

@Suite("Bitmap") struct BitmapTests {
    @Test("bits are where they were put", arguments: [0, 1, 63, 64, 65, 200])
    func bits(count: Int) {
        var bitmap = Bitmap()
        for index in 0..<count { bitmap.append(index % 3 == 0) }
        #expect(bitmap.count == count)
        #expect((0..<count).allSatisfy { bitmap[$0] == ($0 % 3 == 0) })
        #expect(bitmap.setCount == (0..<count).count { $0 % 3 == 0 })
    }

    @Test("runs of bits cross words")
    func runs() {
        var bitmap = Bitmap()
        bitmap.append(repeating: true, count: 60)
        bitmap.append(repeating: false, count: 10)
        bitmap.append(repeating: true, count: 130)
        #expect(bitmap.setCount == 190)
        #expect(bitmap[59] && !bitmap[60] && !bitmap[69] && bitmap[70] && bitmap[199])
    }

    @Test("bits past the count are zero")
    func tail() {
        #expect(Bitmap(repeating: true, count: 70) == Bitmap(words: [~0, ~0], count: 70))
    }
}
