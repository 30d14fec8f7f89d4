/// Writes the compact protocol of Thrift, in which Parquet keeps its headers and its footer.
struct ThriftWriter {
    enum FieldType: UInt8 {
        case boolTrue = 1
        case boolFalse = 2
        case int8 = 3
        case int16 = 4
        case int32 = 5
        case int64 = 6
        case binary = 8
        case list = 9
        case structure = 12
    }

    private(set) var bytes: [UInt8] = []
    private var lastField: Int16 = 0
    private var outer: [Int16] = []

    private mutating func header(_ field: Int16, _ type: FieldType) {
        let delta = field - lastField
        if delta > 0 && delta <= 15 {
            bytes.append(UInt8(delta) << 4 | type.rawValue)
        } else {
            bytes.append(type.rawValue)
            zigzag(Int64(field))
        }
        lastField = field
    }

    mutating func int32(_ field: Int16, _ value: Int) {
        header(field, .int32)
        zigzag(Int64(value))
    }

    mutating func int64(_ field: Int16, _ value: Int) {
        header(field, .int64)
        zigzag(Int64(value))
    }

    mutating func int8(_ field: Int16, _ value: Int8) {
        header(field, .int8)
        bytes.append(UInt8(bitPattern: value))
    }

    mutating func int16(_ field: Int16, _ value: Int) {
        header(field, .int16)
        zigzag(Int64(value))
    }

    mutating func boolean(_ field: Int16, _ value: Bool) {
        header(field, value ? .boolTrue : .boolFalse)
    }

    mutating func binary(_ field: Int16, _ value: [UInt8]) {
        header(field, .binary)
        varint(UInt64(value.count))
        bytes += value
    }

    mutating func string(_ field: Int16, _ value: String) {
        binary(field, Array(value.utf8))
    }

    mutating func structure(_ field: Int16, _ body: (inout ThriftWriter) -> Void) {
        header(field, .structure)
        element(body)
    }

    /// A struct without field header: an element of a list, or the outermost one.
    mutating func element(_ body: (inout ThriftWriter) -> Void) {
        outer.append(lastField)
        lastField = 0
        body(&self)
        bytes.append(0)
        lastField = outer.removeLast()
    }

    mutating func list(_ field: Int16, of type: FieldType, count: Int, _ body: (inout ThriftWriter) -> Void) {
        header(field, .list)
        if count < 15 {
            bytes.append(UInt8(count) << 4 | type.rawValue)
        } else {
            bytes.append(0xF0 | type.rawValue)
            varint(UInt64(count))
        }
        body(&self)
    }

    /// An element of a list of integers.
    mutating func integer(_ value: Int) { zigzag(Int64(value)) }

    /// An element of a list of booleans.
    mutating func boolean(_ value: Bool) {
        bytes.append(value ? FieldType.boolTrue.rawValue : FieldType.boolFalse.rawValue)
    }

    /// An element of a list of bytes.
    mutating func binary(_ value: [UInt8]) {
        varint(UInt64(value.count))
        bytes += value
    }

    /// An element of a list of strings.
    mutating func string(_ value: String) {
        varint(UInt64(value.utf8.count))
        bytes += Array(value.utf8)
    }

    private mutating func zigzag(_ value: Int64) {
        varint(UInt64(bitPattern: value &<< 1 ^ value &>> 63))
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        bytes.append(UInt8(rest))
    }
}
