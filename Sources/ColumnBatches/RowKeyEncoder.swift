/// Turns the key columns of a row into words that are equal exactly when the keys are.
///
/// Strings compare byte for byte, floats by their bits with one zero. A row with a missing key value has no key.
public struct RowKeyEncoder: Sendable {
    private let columns: [Column]

    /// Makes an encoder of the key columns, in key order.
    ///
    /// - Precondition: none of them is nested.
    public init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Replaces `words` by the key of a row.
    ///
    /// - Returns: The position of the first key column without a value, or nil when the key is whole.
    public func encode(row: Int, into words: inout [UInt64]) -> Int? {
        words.removeAll(keepingCapacity: true)
        for position in columns.indices {
            if columns[position].isNull(row) { return position }
            switch columns[position].storage {
            case .boolean(let values): words.append(values[row] ? 1 : 0)
            case .int32(let values): words.append(UInt64(bitPattern: Int64(values[row])))
            case .int64(let values): words.append(UInt64(bitPattern: values[row]))
            case .int128(let values):
                words.append(UInt64(truncatingIfNeeded: values[row]))
                words.append(UInt64(truncatingIfNeeded: values[row] >> 64))
            case .float(let values): words.append(UInt64((values[row] + 0).bitPattern))
            case .double(let values): words.append((values[row] + 0).bitPattern)
            case .bytes(let values): Self.append(values, row, to: &words)
            case .dictionary(let values):
                Self.append(values.dictionary, Int(values.indices[row]), to: &words)
            case .list, .structure, .map:
                preconditionFailure("a \(columns[position].type) cannot identify a row")
            }
        }
        return nil
    }

    /// The length first, so that no two lists of texts run into the same words.
    private static func append(_ values: ByteValues, _ row: Int, to words: inout [UInt64]) {
        let start = Int(values.offsets[row])
        let end = Int(values.offsets[row + 1])
        words.append(UInt64(end - start))
        var index = start
        while index < end {
            var word: UInt64 = 0
            let stop = min(index + 8, end)
            var shift: UInt64 = 0
            while index < stop {
                word |= UInt64(values.bytes[index]) &<< shift
                shift += 8
                index += 1
            }
            words.append(word)
        }
    }
}

/// A set of row keys; each key has the number of its first insertion, counted from zero.
public struct RowKeyTable: Sendable {
    private var slots: [Int32]
    private var starts: [Int] = [0]
    private var arena: [UInt64] = []
    private let seed: UInt64

    /// Makes an empty table with room for some keys.
    public init(minimumCapacity: Int = 16) {
        var size = 32
        while size < minimumCapacity * 2 { size *= 2 }
        slots = Array(repeating: -1, count: size)
        seed = UInt64.random(in: .min ... .max)
    }

    /// The number of keys.
    public var count: Int { starts.count - 1 }

    /// The bytes that the table holds.
    public var byteCount: Int { slots.count * 4 + starts.count * 8 + arena.count * 8 }

    /// The key of a number, as it was inserted.
    public func key(_ number: Int) -> [UInt64] {
        Array(arena[starts[number]..<starts[number + 1]])
    }

    /// The number of a key, or nil when the table lacks it.
    public func find(_ key: [UInt64]) -> Int? {
        var slot = Int(truncatingIfNeeded: hash(key)) & (slots.count - 1)
        while slots[slot] >= 0 {
            if matches(Int(slots[slot]), key) { return Int(slots[slot]) }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Adds a key unless it is there.
    ///
    /// - Returns: The key's number, and whether it was new.
    public mutating func insert(_ key: [UInt64]) -> (number: Int, isNew: Bool) {
        if (count + 1) * 2 > slots.count { grow() }
        var slot = Int(truncatingIfNeeded: hash(key)) & (slots.count - 1)
        while slots[slot] >= 0 {
            if matches(Int(slots[slot]), key) { return (Int(slots[slot]), false) }
            slot = (slot + 1) & (slots.count - 1)
        }
        let number = count
        slots[slot] = Int32(number)
        for word in key { arena.append(word) }
        starts.append(arena.count)
        return (number, true)
    }

    /// Adds the keys of all rows that have a whole one.
    ///
    /// - Parameters:
    ///   - columns: The key columns, in key order; none is nested.
    ///   - rowCount: The number of their rows.
    public mutating func insert(keysOf columns: [Column], rowCount: Int) {
        let encoder = RowKeyEncoder(columns)
        var words: [UInt64] = []
        for row in 0..<rowCount where encoder.encode(row: row, into: &words) == nil { _ = insert(words) }
    }

    private func matches(_ number: Int, _ key: [UInt64]) -> Bool {
        let start = starts[number]
        guard starts[number + 1] - start == key.count else { return false }
        for index in key.indices where arena[start + index] != key[index] { return false }
        return true
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        for number in 0..<count {
            var state = seed
            for index in starts[number]..<starts[number + 1] { state = Self.mix(state, arena[index]) }
            var slot = Int(truncatingIfNeeded: Self.folded(state)) & (slots.count - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(number)
        }
    }

    /// Multiply and fold; the seed differs from table to table, as keys come from outside.
    private func hash(_ key: [UInt64]) -> UInt64 {
        var state = seed
        for word in key { state = Self.mix(state, word) }
        return Self.folded(state)
    }

    private static func mix(_ state: UInt64, _ word: UInt64) -> UInt64 {
        let product = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low &+ 0x2545_F491_4F6C_DD1D
    }

    private static func folded(_ state: UInt64) -> UInt64 { state ^ (state &>> 29) }
}
