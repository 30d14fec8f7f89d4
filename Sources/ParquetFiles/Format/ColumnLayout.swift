import ColumnBatches

/// How a column type lies in a file: physical type, width, annotations.
struct ColumnLayout: Sendable {
    var physical: PhysicalType
    /// The bytes of a value of a fixed-length byte array.
    var fixedLength = 0

    init(_ type: ColumnType) {
        switch type {
        case .boolean: physical = .boolean
        case .int8, .int16, .int32, .date: physical = .int32
        case .int64, .uint64, .timestamp, .timestampNTZ, .time: physical = .int64
        case .float: physical = .float
        case .double: physical = .double
        case .string, .binary: physical = .byteArray
        case .list, .structure, .map: preconditionFailure("a \(type) has no layout of its own")
        case .decimal(let precision, _):
            if precision <= 9 {
                physical = .int32
            } else if precision <= 18 {
                physical = .int64
            } else {
                physical = .fixedLengthByteArray
                fixedLength = Self.bytes(ofDigits: precision)
            }
        }
    }

    /// The fewest bytes that hold every signed number of some decimal digits.
    static func bytes(ofDigits digits: Int) -> Int {
        var bytes = 1
        var limit: Int128 = 127
        var needed: Int128 = 1
        for _ in 0..<digits { needed *= 10 }
        while limit < needed - 1 && bytes < 16 {
            bytes += 1
            limit = bytes == 16 ? .max : (1 << Int128(8 * bytes - 1)) - 1
        }
        return bytes
    }
}
