public import ColumnBatches

/// What a source row held when somebody decided about it; another digest means that the row has changed since.
///
/// Missing values do not count, so that a column which is added later, without a value, leaves a digest as it was. The
/// same row has the same digest in every process and version.
public struct SourceDigest: Sendable, Hashable, CustomStringConvertible {
    /// 32 hexadecimal digits.
    public let description: String

    /// Takes a digest from its text.
    public init(_ text: String) {
        description = text.lowercased()
    }

    /// The digest of a row.
    public init(_ batch: ColumnBatch, row: Int) {
        self.init(batch, row: row, order: Self.order(of: batch))
    }

    /// The digest of a row whose batch's `order` is known.
    init(_ batch: ColumnBatch, row: Int, order: [Int]) {
        var hash = StableHash()
        for index in order where !batch.columns[index].isNull(row) {
            hash.add(batch.schema.fields[index].name)
            hash.add(batch.columns[index][row])
        }
        description = hash.text
    }

    /// The positions of a batch's columns in the order of their names.
    static func order(of batch: ColumnBatch) -> [Int] {
        let fields = batch.schema.fields
        return fields.indices.sorted { fields[$0].name.utf8.lexicographicallyPrecedes(fields[$1].name.utf8) }
    }
}

/// Two FNV-1a hashes with different starts; every part is closed by a byte that no UTF-8 text holds.
struct StableHash {
    private var first: UInt64 = 0xCBF2_9CE4_8422_2325
    private var second: UInt64 = 0x6C62_272E_07BB_0142

    mutating func add(_ byte: UInt8) {
        first = (first ^ UInt64(byte)) &* 0x100_0000_01B3
        second = (second ^ UInt64(byte) &+ 0x9E) &* 0x100_0000_01B3
    }

    mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte) }
        add(0xFF)
    }

    mutating func add(_ value: ColumnValue) {
        switch value {
        case .null: add("null")
        case .boolean(let bit): add(bit ? "true" : "false")
        case .integer(let number): add(String(number))
        case .unsigned(let number): add(String(number))
        case .decimal(let unscaled, let scale): add("\(unscaled)e\(scale)")
        case .float(let number): add("f\(number.bitPattern)")
        case .double(let number): add("d\(number.bitPattern)")
        case .date(let days): add("day \(days)")
        case .timestamp(let time): add("at \(time)")
        case .timestampNTZ(let time): add("clock \(time)")
        case .time(let time, let unit): add("time \(time) \(unit)")
        case .string(let text): add(text)
        case .binary(let bytes):
            for byte in bytes { add(byte) }
            add(0xFE)
        case .list(let values), .structure(let values):
            for value in values { add(value) }
            add(0xFD)
        case .map(let pairs):
            for pair in pairs {
                add(pair.key)
                add(pair.value)
            }
            add(0xFC)
        }
    }

    /// The hash as two numbers.
    var words: (UInt64, UInt64) { (first, second) }

    /// 32 hexadecimal digits.
    var text: String { Self.hexadecimal(first) + Self.hexadecimal(second) }

    static func hexadecimal(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
