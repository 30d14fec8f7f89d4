/// Reads the compact protocol of Thrift; every length is checked against the bytes that are there.
struct ThriftReader {
    private let bytes: [UInt8]
    private(set) var position: Int
    private let end: Int
    private var depth = 0

    init(_ bytes: [UInt8], from start: Int = 0, to end: Int? = nil) {
        self.bytes = bytes
        position = start
        self.end = end ?? bytes.count
    }

    private static func damaged(_ what: String) -> ParquetError {
        ParquetError(.damaged, message: "a header cannot be read: \(what)")
    }

    private mutating func byte() throws(ParquetError) -> UInt8 {
        guard position < end else { throw Self.damaged("it ends early") }
        position += 1
        return bytes[position - 1]
    }

    private mutating func varint() throws(ParquetError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 64 else { throw Self.damaged("a number is too long") }
            value |= UInt64(next & 0x7F) &<< shift
            if next < 0x80 { return value }
            shift += 7
        }
    }

    mutating func integer() throws(ParquetError) -> Int64 {
        let value = try varint()
        return Int64(bitPattern: value &>> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// A value of one byte.
    mutating func byteValue() throws(ParquetError) -> UInt8 { try byte() }

    mutating func binary() throws(ParquetError) -> [UInt8] {
        let length = try varint()
        guard length <= UInt64(end - position) else { throw Self.damaged("a text is longer than the file") }
        defer { position += Int(length) }
        return Array(bytes[position..<(position + Int(length))])
    }

    mutating func string() throws(ParquetError) -> String {
        guard let text = String(validating: try binary(), as: UTF8.self) else {
            throw Self.damaged("a text is not UTF-8")
        }
        return text
    }

    /// A text in which damaged characters do not matter.
    mutating func lossyString() throws(ParquetError) -> String {
        String(decoding: try binary(), as: UTF8.self)
    }

    /// Reads a struct, field by field; the body reads or skips the value of each.
    mutating func structure(
        _ body: (inout ThriftReader, Int16, UInt8) throws(ParquetError) -> Void
    ) throws(ParquetError) {
        try descend()
        defer { depth -= 1 }
        var field: Int16 = 0
        while true {
            let header = try byte()
            if header == 0 { return }
            if header >> 4 == 0 {
                guard let number = Int16(exactly: try integer()) else { throw Self.damaged("a field number") }
                field = number
            } else {
                let (sum, overflow) = field.addingReportingOverflow(Int16(header >> 4))
                guard !overflow else { throw Self.damaged("a field number") }
                field = sum
            }
            try body(&self, field, header & 0x0F)
        }
    }

    /// Goes one level down; nothing in the format is nested so deeply, and the recursion needs a bound.
    private mutating func descend() throws(ParquetError) {
        guard depth < 64 else { throw Self.damaged("it is nested too deeply") }
        depth += 1
    }

    /// Reads a list; the body reads each element.
    mutating func list(_ body: (inout ThriftReader, UInt8) throws(ParquetError) -> Void) throws(ParquetError)
    {
        try descend()
        defer { depth -= 1 }
        let header = try byte()
        var count = Int(header >> 4)
        if count == 15 {
            let long = try varint()
            guard long <= UInt64(end - position) else { throw Self.damaged("a list is longer than the file") }
            count = Int(long)
        }
        for _ in 0..<count { try body(&self, header & 0x0F) }
    }

    /// Passes over a value.
    mutating func skip(_ type: UInt8) throws(ParquetError) {
        switch type {
        case 1, 2: break
        case 3: _ = try byte()
        case 4, 5, 6: _ = try varint()
        case 7:
            guard end - position >= 8 else { throw Self.damaged("it ends early") }
            position += 8
        case 8:
            let length = try varint()
            guard length <= UInt64(end - position) else {
                throw Self.damaged("a text is longer than the file")
            }
            position += Int(length)
        case 9, 10:
            try list { reader, element throws(ParquetError) in
                if element <= 2 { _ = try reader.byte() } else { try reader.skip(element) }
            }
        case 11:
            try descend()
            defer { depth -= 1 }
            let count = try varint()
            guard count <= UInt64(end - position) else { throw Self.damaged("a map is longer than the file") }
            guard count > 0 else { return }
            let types = try byte()
            for _ in 0..<count {
                try skip(types >> 4)
                try skip(types & 0x0F)
            }
        case 12: try structure { reader, _, type throws(ParquetError) in try reader.skip(type) }
        default: throw Self.damaged("a field of the unknown type \(type)")
        }
    }
}
