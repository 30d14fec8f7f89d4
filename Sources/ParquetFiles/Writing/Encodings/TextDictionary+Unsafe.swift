/// Distinct texts of a column, each with its position.
///
/// `slots` has `mask + 1` entries, a power of two and at least twice as many as there are texts: 0 stands for a free one,
/// else the upper half is that of the text's hash and the lower one its position and one more. `arena` holds the texts one
/// after the other, with at least eight bytes to spare, so that a text's last bytes can be read as a word. The texts come
/// from outside, so the hash is seeded.
@safe final class TextDictionary {
    private var table: Table
    private let seed = UInt64.random(in: .min ... .max) | 1

    /// What lookups need, in one value that a loop keeps in registers.
    @unsafe private struct Table {
        var slots: UnsafeMutablePointer<UInt64>
        var mask: Int
        var arena: UnsafeMutableRawPointer
        var arenaCapacity: Int
        var offsets: UnsafeMutablePointer<Int32>
        var offsetCapacity: Int
        var count = 0
    }

    init(slotCount: Int = 1024) {
        unsafe table = Table(
            slots: .allocate(capacity: slotCount),
            mask: slotCount - 1,
            arena: .allocate(byteCount: 4096, alignment: 16),
            arenaCapacity: 4096,
            offsets: .allocate(capacity: 512),
            offsetCapacity: 512
        )
        unsafe table.slots.initialize(repeating: 0, count: slotCount)
        unsafe table.offsets[0] = 0
    }

    deinit {
        unsafe table.slots.deallocate()
        unsafe table.arena.deallocate()
        unsafe table.offsets.deallocate()
    }

    var count: Int { unsafe table.count }

    /// The bytes of all texts.
    var byteCount: Int { unsafe Int(table.offsets[table.count]) }

    /// Where each text begins, and where the last one ends.
    var offsets: [Int32] { unsafe Array(UnsafeBufferPointer(start: table.offsets, count: table.count + 1)) }

    /// The texts, one after the other.
    var bytes: [UInt8] { unsafe Array(UnsafeRawBufferPointer(start: table.arena, count: byteCount)) }

    /// Adds the position of each text to `indices`; new ones are added.
    ///
    /// Text `i` is `source[starts[i] ..< starts[i + 1]]`.
    func intern(_ starts: ArraySlice<Int32>, _ source: [UInt8], into indices: inout [UInt32]) {
        guard starts.count > 1, let first = starts.first, let last = starts.last else { return }
        precondition(first >= 0 && Int(last) <= source.count, "offsets pass the bytes")
        let seed = seed
        unsafe source.withUnsafeBytes { source in
            unsafe starts.withUnsafeBufferPointer { starts in
                unsafe indices.extend(by: starts.count - 1) { target in
                    var table = unsafe self.table
                    var start = unsafe Int(starts[0])
                    for index in 1..<starts.count {
                        let end = unsafe Int(starts[index])
                        precondition(end >= start && end <= source.count, "offsets fall")
                        let hash = unsafe Self.hash(source, start, end &- start, seed)
                        var slot = 0
                        if let found = unsafe Self.find(table, source, start, end &- start, hash, &slot) {
                            unsafe target[index &- 1] = found
                        } else {
                            unsafe target[index &- 1] = add(source, start, end &- start, hash, at: slot)
                            unsafe table = self.table
                        }
                        start = end
                    }
                }
            }
        }
    }

    /// The position of one text, which is added when it is new.
    func intern(_ text: ArraySlice<UInt8>) -> UInt32 {
        unsafe text.withUnsafeBytes { text in
            let hash = unsafe Self.hash(text, 0, text.count, seed)
            var slot = 0
            return unsafe Self.find(table, text, 0, text.count, hash, &slot)
                ?? add(text, 0, text.count, hash, at: slot)
        }
    }

    /// The position of a text, or nil, and then the slot where it belongs.
    @inline(__always)
    private static func find(
        _ table: Table,
        _ source: UnsafeRawBufferPointer,
        _ start: Int,
        _ length: Int,
        _ hash: UInt64,
        _ slot: inout Int
    ) -> UInt32? {
        let tag = hash &>> 32
        slot = unsafe Int(truncatingIfNeeded: hash) & table.mask
        while true {
            let entry = unsafe table.slots[slot]
            if entry == 0 { return nil }
            if entry &>> 32 == tag {
                let found = Int(truncatingIfNeeded: entry & 0xFFFF_FFFF) &- 1
                if unsafe matches(table, found, source, start, length) {
                    return UInt32(truncatingIfNeeded: found)
                }
            }
            slot = unsafe (slot &+ 1) & table.mask
        }
    }

    private func add(
        _ source: UnsafeRawBufferPointer,
        _ start: Int,
        _ length: Int,
        _ hash: UInt64,
        at slot: Int
    ) -> UInt32 {
        let end = byteCount
        if unsafe end + length + 8 > table.arenaCapacity {
            unsafe table.arenaCapacity = max(table.arenaCapacity * 2, end + length + 8)
            let larger = unsafe UnsafeMutableRawPointer.allocate(
                byteCount: table.arenaCapacity,
                alignment: 16
            )
            unsafe larger.copyMemory(from: table.arena, byteCount: end)
            unsafe table.arena.deallocate()
            unsafe table.arena = larger
        }
        if length > 0, let base = source.baseAddress {
            unsafe (table.arena + end).copyMemory(from: base + start, byteCount: length)
        }
        let position = unsafe table.count
        if unsafe position + 2 > table.offsetCapacity {
            let larger = UnsafeMutablePointer<Int32>.allocate(capacity: (position + 2) * 2)
            unsafe larger.update(from: table.offsets, count: position + 1)
            unsafe table.offsets.deallocate()
            unsafe table.offsets = larger
            unsafe table.offsetCapacity = (position + 2) * 2
        }
        unsafe table.offsets[position + 1] = Int32(end + length)
        unsafe table.slots[slot] = (hash &>> 32) &<< 32 | UInt64(position + 1)
        unsafe table.count = position + 1
        if unsafe (position + 1) * 2 > table.mask { grow() }
        return UInt32(position)
    }

    private func grow() {
        let slotCount = unsafe (table.mask + 1) * 4
        let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: slotCount)
        unsafe larger.initialize(repeating: 0, count: slotCount)
        let texts = unsafe UnsafeRawBufferPointer(start: table.arena, count: byteCount)
        for position in 0..<count {
            let start = unsafe Int(table.offsets[position])
            let hash = unsafe Self.hash(texts, start, Int(table.offsets[position + 1]) - start, seed)
            var slot = Int(truncatingIfNeeded: hash) & (slotCount - 1)
            while unsafe larger[slot] != 0 { slot = (slot + 1) & (slotCount - 1) }
            unsafe larger[slot] = (hash &>> 32) &<< 32 | UInt64(position + 1)
        }
        unsafe table.slots.deallocate()
        unsafe table.slots = larger
        unsafe table.mask = slotCount - 1
    }

    @inline(__always)
    private static func matches(
        _ table: Table,
        _ position: Int,
        _ source: UnsafeRawBufferPointer,
        _ start: Int,
        _ length: Int
    ) -> Bool {
        let known = unsafe Int(table.offsets[position])
        guard unsafe Int(table.offsets[position &+ 1]) &- known == length else { return false }
        var index = 0
        while index &+ 8 <= length {
            let left = unsafe table.arena.loadUnaligned(fromByteOffset: known &+ index, as: UInt64.self)
            let right = unsafe source.loadUnaligned(fromByteOffset: start &+ index, as: UInt64.self)
            if left != right { return false }
            index &+= 8
        }
        guard index < length else { return true }
        // The arena has eight bytes more than its texts.
        let left = unsafe table.arena.loadUnaligned(fromByteOffset: known &+ index, as: UInt64.self)
            .littleEndian
        return unsafe left & mask(length &- index) == tail(source, start &+ index, length &- index)
    }

    /// The same for source and arena: full words, then the rest as one.
    @inline(__always)
    private static func hash(
        _ source: UnsafeRawBufferPointer,
        _ start: Int,
        _ length: Int,
        _ seed: UInt64
    ) -> UInt64 {
        var state = seed ^ UInt64(truncatingIfNeeded: length)
        var index = 0
        while index &+ 8 <= length {
            let word = unsafe source.loadUnaligned(fromByteOffset: start &+ index, as: UInt64.self)
            state = fold(state ^ word)
            index &+= 8
        }
        if index < length { state = unsafe fold(state ^ tail(source, start &+ index, length &- index)) }
        return fold(state ^ 0xD6E8_FEB8_6659_FD93)
    }

    /// One to seven bytes as a word, without reading past the source.
    @inline(__always)
    private static func tail(_ source: UnsafeRawBufferPointer, _ start: Int, _ length: Int) -> UInt64 {
        if start &+ 8 <= source.count {
            return unsafe source.loadUnaligned(fromByteOffset: start, as: UInt64.self).littleEndian
                & mask(length)
        }
        var word: UInt64 = 0
        for index in 0..<length {
            word |= unsafe UInt64(source[start + index]) &<< UInt64(truncatingIfNeeded: 8 &* index)
        }
        return word
    }

    @inline(__always)
    private static func mask(_ length: Int) -> UInt64 {
        ~0 &>> UInt64(truncatingIfNeeded: 64 &- 8 &* length)
    }

    @inline(__always)
    private static func fold(_ word: UInt64) -> UInt64 {
        let product = word.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}
