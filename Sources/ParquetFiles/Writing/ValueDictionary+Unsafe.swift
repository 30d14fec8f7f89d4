/// Distinct values of a column, each with a number: what a dictionary page is made from.
///
/// Slots hold numbers or `UInt32.max`; there are always at least twice as many slots as values. The keys come from
/// outside, so the hash is seeded.
struct NumberDictionary {
    private(set) var values: [UInt64] = []
    private var slots: [UInt32]
    private let seed = UInt64.random(in: .min ... .max) | 1

    init() { slots = Array(repeating: .max, count: 1024) }

    /// The number of each value; new values are added.
    mutating func intern(_ count: Int, _ value: (Int) -> UInt64, into indices: inout [UInt32]) {
        indices.removeAll(keepingCapacity: true)
        indices.reserveCapacity(count)
        var last: UInt64 = 0
        var lastNumber = UInt32.max
        for position in 0..<count {
            let key = value(position)
            if key == last && lastNumber != .max {
                indices.append(lastNumber)
                continue
            }
            last = key
            lastNumber = number(of: key)
            indices.append(lastNumber)
        }
    }

    private mutating func number(of key: UInt64) -> UInt32 {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash(key)) & mask
        while slots[slot] != .max {
            if values[Int(slots[slot])] == key { return slots[slot] }
            slot = (slot + 1) & mask
        }
        let number = UInt32(values.count)
        slots[slot] = number
        values.append(key)
        if values.count * 2 > slots.count { grow() }
        return number
    }

    private mutating func grow() {
        slots = Array(repeating: .max, count: slots.count * 4)
        let mask = slots.count - 1
        for (number, key) in values.enumerated() {
            var slot = Int(truncatingIfNeeded: hash(key)) & mask
            while slots[slot] != .max { slot = (slot + 1) & mask }
            slots[slot] = UInt32(number)
        }
    }

    private func hash(_ key: UInt64) -> UInt64 {
        let product = (key ^ seed).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}

/// Distinct texts of a column, each with a number.
struct TextDictionary {
    private(set) var bytes: [UInt8] = []
    private(set) var offsets: [Int32] = [0]
    private var slots: [UInt32]
    private var hashes: [UInt64] = []
    private let seed = UInt64.random(in: .min ... .max) | 1

    init() { slots = Array(repeating: .max, count: 1024) }

    var count: Int { offsets.count - 1 }

    /// The number of each text; new ones are added.
    ///
    /// Text `i` is `source[starts[i] ..< starts[i + 1]]`.
    mutating func intern(_ starts: ArraySlice<Int32>, _ source: [UInt8], into indices: inout [UInt32]) {
        indices.removeAll(keepingCapacity: true)
        indices.reserveCapacity(starts.count)
        // Each start lies within the source and none is greater than the next, as the column's own invariant says.
        unsafe source.withUnsafeBytes { source in
            var index = starts.startIndex
            while index + 1 < starts.endIndex {
                let start = Int(starts[index])
                let text = unsafe UnsafeRawBufferPointer(rebasing: source[start..<Int(starts[index + 1])])
                indices.append(unsafe number(of: text))
                index += 1
            }
        }
    }

    private mutating func number(of text: UnsafeRawBufferPointer) -> UInt32 {
        let hash = unsafe hash(text)
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != .max {
            let number = Int(slots[slot])
            if unsafe hashes[number] == hash && matches(number, text) { return slots[slot] }
            slot = (slot + 1) & mask
        }
        let number = UInt32(count)
        slots[slot] = number
        hashes.append(hash)
        unsafe bytes.append(contentsOf: text)
        offsets.append(Int32(bytes.count))
        if count * 2 > slots.count { grow() }
        return number
    }

    private func matches(_ number: Int, _ text: UnsafeRawBufferPointer) -> Bool {
        let start = Int(offsets[number])
        let length = Int(offsets[number + 1]) - start
        guard length == text.count else { return false }
        for index in 0..<length where unsafe bytes[start + index] != text[index] { return false }
        return true
    }

    private mutating func grow() {
        slots = Array(repeating: .max, count: slots.count * 4)
        let mask = slots.count - 1
        for (number, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] != .max { slot = (slot + 1) & mask }
            slots[slot] = UInt32(number)
        }
    }

    private func hash(_ text: UnsafeRawBufferPointer) -> UInt64 {
        var state = seed ^ UInt64(text.count)
        var index = 0
        while index + 8 <= text.count {
            state = fold(unsafe state ^ text.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            index += 8
        }
        var rest: UInt64 = 0
        while index < text.count {
            rest = unsafe rest &<< 8 | UInt64(text[index])
            index += 1
        }
        return fold(state ^ rest)
    }

    private func fold(_ word: UInt64) -> UInt64 {
        let product = word.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}
