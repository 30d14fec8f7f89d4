import ColumnBatches

/// The values that encoded keys were made of.
extension RowKeyTable {
    /// The first word of a key column in every key, in the order of their numbers.
    func words(at position: Int, of fields: [Field]) -> [UInt64] {
        (0..<count).map { number in
            let key = key(number)
            return key[Self.start(of: position, in: key, fields)]
        }
    }

    /// The bytes of a text column in every key.
    func texts(at position: Int, of fields: [Field]) -> [[UInt8]] {
        (0..<count).map { number in
            let key = key(number)
            return Self.bytes(in: key, at: Self.start(of: position, in: key, fields))
        }
    }

    /// The value of a key column in one key; nil for types that no bloom filter is asked about.
    func value(at position: Int, of number: Int, _ fields: [Field]) -> ColumnValue? {
        let key = key(number)
        let start = Self.start(of: position, in: key, fields)
        let word = Int64(bitPattern: key[start])
        return switch fields[position].type {
        case .int8, .int16, .int32, .int64: .integer(word)
        case .date: .date(Int32(truncatingIfNeeded: word))
        case .timestamp: .timestamp(word)
        case .timestampNTZ: .timestampNTZ(word)
        case .string: .string(String(decoding: Self.bytes(in: key, at: start), as: UTF8.self))
        default: nil
        }
    }

    private static func start(of position: Int, in key: [UInt64], _ fields: [Field]) -> Int {
        var start = 0
        for field in fields.prefix(position) {
            switch field.type.storage {
            case .bytes: start += 1 + (Int(key[start]) + 7) / 8
            case .int128: start += 2
            default: start += 1
            }
        }
        return start
    }

    private static func bytes(in key: [UInt64], at start: Int) -> [UInt8] {
        (0..<Int(key[start])).map { index in
            UInt8(truncatingIfNeeded: key[start + 1 + index / 8] >> UInt64(index % 8 * 8))
        }
    }
}
