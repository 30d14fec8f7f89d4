import ColumnBatches

/// A generator that a seed makes repeatable.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}

/// Tables of random columns, with values of many shapes.
struct RandomTables {
    private var generator: SeededGenerator

    /// How the values of a column follow each other.
    enum Shape: CaseIterable { case random, few, one, rising, near }

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    mutating func flip(_ share: Double = 0.5) -> Bool { Double.random(in: 0..<1, using: &generator) < share }

    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[number(0...(choices.count - 1))] }

    static let flatTypes: [ColumnType] = [
        .boolean, .int8, .int16, .int32, .int64, .uint64, .float, .double, .date, .timestamp, .timestampNTZ,
        .time(.microseconds), .time(.nanoseconds), .string, .binary, .decimal(precision: 1, scale: 0),
        .decimal(precision: 9, scale: 9), .decimal(precision: 10, scale: 2),
        .decimal(precision: 18, scale: 3),
        .decimal(precision: 19, scale: 0), .decimal(precision: 29, scale: 7),
        .decimal(precision: 38, scale: 38),
    ]

    mutating func type(depth: Int) -> ColumnType {
        guard depth > 0, flip(0.5) else { return pick(Self.flatTypes) }
        switch number(0...2) {
        case 0: return .list(element: Field("element", type(depth: depth - 1), isNullable: flip()))
        case 1:
            return .structure(
                (0..<number(1...3)).map { Field("f\($0)", type(depth: depth - 1), isNullable: flip()) }
            )
        default:
            return .map(
                key: Field("key", pick(Self.flatTypes), isNullable: false),
                value: Field("value", type(depth: depth - 1), isNullable: flip())
            )
        }
    }

    mutating func schema(columns: Int, depth: Int) -> BatchSchema {
        BatchSchema((0..<columns).map { Field("c\($0)", type(depth: depth), isNullable: flip(0.7)) })
    }

    mutating func batch(_ schema: BatchSchema, rows: Int) -> ColumnBatch {
        let columns = schema.fields.map { column($0, rows: rows) }
        return ColumnBatch(schema: schema, columns: columns, rowCount: rows)
    }

    mutating func column(_ field: Field, rows: Int) -> Column {
        let shape = pick(Shape.allCases)
        let missing = field.isNullable ? pick([0, 0.02, 0.5, 1]) : 0
        var builder = ColumnBuilder(field.type)
        for row in 0..<rows {
            builder.append(flip(missing) ? .null : value(field.type, shape, row))
        }
        let column = builder.finish()
        return flip(0.3) ? withDictionary(column) : column
    }

    /// The same texts with a dictionary, some of whose entries may be unused or double.
    private mutating func withDictionary(_ column: Column) -> Column {
        guard case .bytes(let values) = column.storage, values.count > 0 else { return column }
        var dictionary = ByteValues()
        var positions: [[UInt8]: UInt32] = [:]
        var indices: [UInt32] = []
        for row in 0..<values.count {
            let text = Array(values[row])
            if positions[text] == nil || flip(0.02) {
                positions[text] = UInt32(dictionary.count)
                dictionary.bytes += text
                dictionary.offsets.append(Int32(dictionary.bytes.count))
            }
            indices.append(positions[text] ?? 0)
        }
        return Column(
            type: column.type,
            storage: .dictionary(DictionaryValues(indices: indices, dictionary: dictionary)),
            validity: column.validity
        )
    }

    private mutating func value(_ type: ColumnType, _ shape: Shape, _ row: Int) -> ColumnValue {
        switch type {
        case .list(let element):
            return .list((0..<pick([0, 0, 1, 2, 5])).map { _ in inner(element, shape, row) })
        case .structure(let fields): return .structure(fields.map { inner($0, shape, row) })
        case .map(let key, let item):
            var keys: [ColumnValue] = []
            for _ in 0..<pick([0, 1, 2, 4]) {
                // Compared as texts, for which NaN is the same key twice too.
                let found = value(key.type, shape, row)
                if !keys.contains(where: { "\($0)" == "\(found)" }) { keys.append(found) }
            }
            return .map(keys.map { ColumnValue.Pair($0, inner(item, shape, row)) })
        default: break
        }
        let word: Int64
        switch shape {
        case .random: word = Int64(bitPattern: generator.next()) >> Int64(pick([0, 8, 31, 50]))
        case .few: word = Int64(number(0...6)) * 1_000_003
        case .one: word = 42
        case .rising: word = Int64(row) * 3
        case .near: word = 1_700_000_000_000_000 + Int64(number(-1000...1000))
        }
        return leaf(type, word)
    }

    private mutating func inner(_ field: Field, _ shape: Shape, _ row: Int) -> ColumnValue {
        field.isNullable && flip(0.2) ? .null : value(field.type, shape, row)
    }

    private mutating func leaf(_ type: ColumnType, _ word: Int64) -> ColumnValue {
        switch type {
        case .boolean: return .boolean(word & 1 == 1)
        case .int8: return .integer(Int64(Int8(truncatingIfNeeded: word)))
        case .int16: return .integer(Int64(Int16(truncatingIfNeeded: word)))
        case .int32: return .integer(Int64(Int32(truncatingIfNeeded: word)))
        case .int64: return .integer(word)
        case .uint64: return .unsigned(UInt64(bitPattern: word))
        case .float: return .float(flip(0.01) ? pick([.nan, .infinity, -0.0, 0]) : Float(word) / 16)
        case .double: return .double(flip(0.01) ? pick([.nan, -.infinity, -0.0, 0]) : Double(word) / 100)
        case .date: return .date(Int32(truncatingIfNeeded: word % 3_000_000))
        case .timestamp: return .timestamp(word % 250_000_000_000_000_000)
        case .timestampNTZ: return .timestampNTZ(word % 250_000_000_000_000_000)
        case .time(.microseconds): return .time(Int64(word.magnitude % 86_400_000_000), .microseconds)
        case .time(.nanoseconds): return .time(Int64(word.magnitude % 86_400_000_000_000), .nanoseconds)
        case .decimal(let precision, let scale):
            var limit: Int128 = 1
            for _ in 0..<precision { limit *= 10 }
            return .decimal(Int128(word) &* (precision > 20 ? 7_777_777_777_777 : 1) % limit, scale: scale)
        case .string:
            let tail = word % 50 == 0 ? String(repeating: "é", count: 40) : ""
            return .string(word % 11 == 0 ? "" : "ord-\(word)\(tail)")
        case .binary:
            return .binary((0..<Int(word.magnitude % 9)).map { UInt8(truncatingIfNeeded: word >> Int64($0)) })
        case .list, .structure, .map: preconditionFailure("not a flat type")
        }
    }
}
