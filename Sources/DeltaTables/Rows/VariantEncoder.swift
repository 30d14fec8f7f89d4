import ColumnBatches

/// Writes the binary form of variants; the Parquet format's "Variant Binary Encoding".
enum VariantEncoder {
    /// A value that is neither an object nor an array; nil for a type that variants do not have.
    static func bytes(_ value: ColumnValue, _ type: ColumnType, isUUID: Bool) -> [UInt8]? {
        switch (value, type) {
        case (.null, _): return [0]
        case (.boolean(let bit), _): return [bit ? 1 << 2 : 2 << 2]
        case (.integer(let number), .int8): return primitive(3, number, count: 1)
        case (.integer(let number), .int16): return primitive(4, number, count: 2)
        case (.integer(let number), .int32): return primitive(5, number, count: 4)
        case (.integer(let number), _): return primitive(6, number, count: 8)
        case (.double(let number), _): return primitive(7, number.bitPattern, count: 8)
        case (.decimal(let unscaled, let scale), .decimal(let precision, _)):
            let (kind, count) = precision <= 9 ? (8, 4) : precision <= 18 ? (9, 8) : (10, 16)
            return [UInt8(kind << 2), UInt8(clamping: scale)] + digits(unscaled, count: count)
        case (.date(let days), _): return primitive(11, days, count: 4)
        case (.timestamp(let time), _): return primitive(12, time, count: 8)
        case (.timestampNTZ(let time), _): return primitive(13, time, count: 8)
        case (.float(let number), _): return primitive(14, number.bitPattern, count: 4)
        case (.binary(let bytes), _) where isUUID && bytes.count == 16: return [20 << 2] + bytes
        case (.binary(let bytes), _): return primitive(15, bytes.count, count: 4) + bytes
        case (.string(let text), _):
            let bytes = Array(text.utf8)
            if bytes.count < 64 { return [UInt8(bytes.count << 2 | 1)] + bytes }
            return primitive(16, bytes.count, count: 4) + bytes
        case (.time(let time, .microseconds), _): return primitive(17, time, count: 8)
        default: return nil
        }
    }

    /// An array of encoded values.
    static func array(_ values: [[UInt8]]) -> [UInt8] {
        let offset = width(values.reduce(0) { $0 + $1.count })
        let isLarge = values.count > 255
        let header = UInt8((isLarge ? 1 << 2 : 0) | (offset - 1))
        return [header << 2 | 3] + digits(values.count, count: isLarge ? 4 : 1) + offsets(values, offset)
            + values.joined()
    }

    /// An object of encoded values by the numbers of their names, in the order of the names.
    static func object(_ members: [(id: Int, value: [UInt8])]) -> [UInt8] {
        let values = members.map(\.value)
        let offset = width(values.reduce(0) { $0 + $1.count })
        let id = width(members.map(\.id).max() ?? 0)
        let isLarge = members.count > 255
        let header = UInt8((isLarge ? 1 << 4 : 0) | (id - 1) << 2 | (offset - 1))
        return [header << 2 | 2] + digits(members.count, count: isLarge ? 4 : 1)
            + members.flatMap { digits($0.id, count: id) } + offsets(values, offset) + values.joined()
    }

    private static func offsets(_ values: [[UInt8]], _ width: Int) -> [UInt8] {
        var offset = 0
        var bytes = digits(0, count: width)
        for value in values {
            offset += value.count
            bytes += digits(offset, count: width)
        }
        return bytes
    }

    private static func width(_ number: Int) -> Int {
        number < 1 << 8 ? 1 : number < 1 << 16 ? 2 : number < 1 << 24 ? 3 : 4
    }

    private static func primitive(_ kind: Int, _ number: some BinaryInteger, count: Int) -> [UInt8] {
        [UInt8(kind << 2)] + digits(number, count: count)
    }

    private static func digits(_ number: some BinaryInteger, count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}
