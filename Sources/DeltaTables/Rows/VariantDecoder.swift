import ColumnBatches

/// What a variant holds.
indirect enum VariantValue: Sendable {
    case plain(ColumnValue)
    case uuid([UInt8])
    case array([VariantValue])
    case object([(name: String, value: VariantValue)])
}

/// Reads the binary form of variants; the Parquet format's "Variant Binary Encoding".
struct VariantDecoder {
    private let names: [String]
    private let bytes: [UInt8]

    init(names: [String], bytes: [UInt8]) {
        self.names = names
        self.bytes = bytes
    }

    private static let maximumDepth = 100

    /// The value of a variant's two byte strings, or nil when they are damaged.
    static func decode(metadata: [UInt8], value: [UInt8]) -> VariantValue? {
        guard let names = names(metadata) else { return nil }
        return VariantDecoder(names: names, bytes: value).value(at: 0, depth: 0)
    }

    private static func number(_ bytes: [UInt8], _ start: Int, _ size: Int) -> Int? {
        guard start >= 0, start + size <= bytes.count else { return nil }
        var number = 0
        for offset in (0..<size).reversed() { number = number << 8 | Int(bytes[start + offset]) }
        return number
    }

    /// The names that a variant's metadata have, or nil when these are damaged.
    static func names(_ bytes: [UInt8]) -> [String]? {
        guard let header = bytes.first, header & 0x0F == 1 else { return nil }
        let size = Int(header >> 6) + 1
        guard let count = number(bytes, 1, size), count <= bytes.count else { return nil }
        let start = 1 + size * (count + 2)
        var names: [String] = []
        for index in 0..<count {
            guard let from = number(bytes, 1 + size * (index + 1), size),
                let to = number(bytes, 1 + size * (index + 2), size), from <= to, start + to <= bytes.count
            else { return nil }
            names.append(String(decoding: bytes[(start + from)..<(start + to)], as: UTF8.self))
        }
        return names
    }

    private func number(_ start: Int, _ size: Int) -> Int? { Self.number(bytes, start, size) }

    private func value(at start: Int, depth: Int) -> VariantValue? {
        guard depth < Self.maximumDepth, start >= 0, start < bytes.count else { return nil }
        let header = bytes[start]
        switch header & 3 {
        case 0: return primitive(Int(header >> 2), start + 1)
        case 1:
            guard let content = slice(start + 1, Int(header >> 2)) else { return nil }
            return .plain(.string(String(decoding: content, as: UTF8.self)))
        case 2: return object(header >> 2, start + 1, depth)
        default: return array(header >> 2, start + 1, depth)
        }
    }

    private func slice(_ start: Int, _ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, start <= bytes.count, count <= bytes.count - start else { return nil }
        return bytes[start..<(start + count)]
    }

    private func integer<Number: FixedWidthInteger>(_ start: Int, _: Number.Type) -> Number? {
        slice(start, Number.bitWidth / 8)?.reversed().reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }

    private func object(_ header: UInt8, _ start: Int, _ depth: Int) -> VariantValue? {
        let offsetSize = Int(header & 3) + 1
        let idSize = Int(header >> 2 & 3) + 1
        let countSize = header >> 4 & 1 == 1 ? 4 : 1
        guard let count = number(start, countSize), count <= bytes.count else { return nil }
        let ids = start + countSize
        let offsets = ids + count * idSize
        let content = offsets + (count + 1) * offsetSize
        var members: [(name: String, value: VariantValue)] = []
        for index in 0..<count {
            guard let id = number(ids + index * idSize, idSize), id < names.count,
                let offset = number(offsets + index * offsetSize, offsetSize),
                let value = value(at: content + offset, depth: depth + 1)
            else { return nil }
            members.append((names[id], value))
        }
        return .object(members)
    }

    /// The members of an object as they are encoded, by the numbers of their names; nil when it is none.
    func members() -> [(id: Int, value: [UInt8])]? {
        guard let header = bytes.first, header & 3 == 2 else { return nil }
        let offsetSize = Int(header >> 2 & 3) + 1
        let idSize = Int(header >> 4 & 3) + 1
        let countSize = header >> 6 & 1 == 1 ? 4 : 1
        guard let count = number(1, countSize), count <= bytes.count else { return nil }
        let ids = 1 + countSize
        let offsets = ids + count * idSize
        let content = offsets + (count + 1) * offsetSize
        var starts: [(id: Int, start: Int)] = []
        for index in 0..<count {
            guard let id = number(ids + index * idSize, idSize), id < names.count,
                let offset = number(offsets + index * offsetSize, offsetSize), content + offset < bytes.count
            else { return nil }
            starts.append((id, content + offset))
        }
        // Values are in any order; each ends where the next one begins.
        let ends = Set(starts.map(\.start)).sorted() + [bytes.count]
        return starts.map { member in
            (member.id, Array(bytes[member.start..<(ends.first { $0 > member.start } ?? bytes.count)]))
        }
    }

    private func array(_ header: UInt8, _ start: Int, _ depth: Int) -> VariantValue? {
        let offsetSize = Int(header & 3) + 1
        let countSize = header >> 2 & 1 == 1 ? 4 : 1
        guard let count = number(start, countSize), count <= bytes.count else { return nil }
        let offsets = start + countSize
        let content = offsets + (count + 1) * offsetSize
        var values: [VariantValue] = []
        for index in 0..<count {
            guard let offset = number(offsets + index * offsetSize, offsetSize),
                let value = value(at: content + offset, depth: depth + 1)
            else { return nil }
            values.append(value)
        }
        return .array(values)
    }

    private func primitive(_ kind: Int, _ start: Int) -> VariantValue? {
        func plain(_ value: ColumnValue?) -> VariantValue? { value.map { .plain($0) } }
        func decimal<Number: FixedWidthInteger>(_ type: Number.Type) -> VariantValue? {
            guard start < bytes.count, bytes[start] <= 38 else { return nil }
            return plain(integer(start + 1, type).map { .decimal(Int128($0), scale: Int(bytes[start])) })
        }
        func counted() -> ArraySlice<UInt8>? { number(start, 4).flatMap { slice(start + 4, $0) } }
        switch kind {
        case 0: return .plain(.null)
        case 1, 2: return .plain(.boolean(kind == 1))
        case 3: return plain(integer(start, Int8.self).map { .integer(Int64($0)) })
        case 4: return plain(integer(start, Int16.self).map { .integer(Int64($0)) })
        case 5: return plain(integer(start, Int32.self).map { .integer(Int64($0)) })
        case 6: return plain(integer(start, Int64.self).map { .integer($0) })
        case 7: return plain(integer(start, UInt64.self).map { .double(Double(bitPattern: $0)) })
        case 8: return decimal(Int32.self)
        case 9: return decimal(Int64.self)
        case 10: return decimal(Int128.self)
        case 11: return plain(integer(start, Int32.self).map { .date($0) })
        case 12: return plain(integer(start, Int64.self).map { .timestamp($0) })
        case 13: return plain(integer(start, Int64.self).map { .timestampNTZ($0) })
        case 14: return plain(integer(start, UInt32.self).map { .float(Float(bitPattern: $0)) })
        case 15: return plain(counted().map { .binary(Array($0)) })
        case 16: return plain(counted().map { .string(String(decoding: $0, as: UTF8.self)) })
        case 17: return plain(integer(start, Int64.self).map { .time($0, .microseconds) })
        case 18: return plain(integer(start, Int64.self).map { .timestamp(Self.floor($0)) })
        case 19: return plain(integer(start, Int64.self).map { .timestampNTZ(Self.floor($0)) })
        case 20: return slice(start, 16).map { .uuid(Array($0)) }
        default: return nil
        }
    }

    private static func floor(_ nanoseconds: Int64) -> Int64 {
        nanoseconds / 1000 - (nanoseconds % 1000 < 0 ? 1 : 0)
    }
}
