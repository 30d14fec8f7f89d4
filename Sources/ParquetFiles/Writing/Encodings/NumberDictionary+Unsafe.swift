/// Distinct numbers of a column, each with its position; numbers of 32 bits are kept in 64.
///
/// `slots` has `mask + 1` entries, a power of two and at least twice as many as there are values: 0 stands for a free one,
/// another number for the position that is one less. `numbers` has room for half as many values as there are slots. Both
/// are owned here, and every index into them is masked, or the position of a value. The numbers come from outside, so
/// the hash is seeded.
@safe final class NumberDictionary {
    private var slots: UnsafeMutablePointer<UInt32>
    private var numbers: UnsafeMutablePointer<UInt64>
    private var mask: Int
    private(set) var count = 0
    private let seed = UInt64.random(in: .min ... .max) | 1

    init(slotCount: Int = 1024) {
        mask = slotCount - 1
        unsafe slots = .allocate(capacity: slotCount)
        unsafe slots.initialize(repeating: 0, count: slotCount)
        unsafe numbers = .allocate(capacity: slotCount / 2 + 1)
    }

    deinit {
        unsafe slots.deallocate()
        unsafe numbers.deallocate()
    }

    /// The distinct numbers, by their positions.
    var values: [UInt64] { unsafe Array(UnsafeBufferPointer(start: numbers, count: count)) }

    /// Adds the position of each number to `indices`; new numbers are added.
    func intern(_ values: ArraySlice<Int32>, into indices: inout [UInt32]) {
        unsafe values.withUnsafeBytes { unsafe intern(UInt32.self, $0, into: &indices) }
    }

    /// The same for numbers of 64 bits.
    func intern(_ values: ArraySlice<Int64>, into indices: inout [UInt32]) {
        unsafe values.withUnsafeBytes { unsafe intern(UInt64.self, $0, into: &indices) }
    }

    /// The same for singles, by their bits.
    func intern(_ values: ArraySlice<Float>, into indices: inout [UInt32]) {
        unsafe values.withUnsafeBytes { unsafe intern(UInt32.self, $0, into: &indices) }
    }

    /// The same for doubles, by their bits.
    func intern(_ values: ArraySlice<Double>, into indices: inout [UInt32]) {
        unsafe values.withUnsafeBytes { unsafe intern(UInt64.self, $0, into: &indices) }
    }

    @inline(__always)
    private func intern<Bits: FixedWidthInteger & BitwiseCopyable>(
        _ type: Bits.Type,
        _ source: UnsafeRawBufferPointer,
        into indices: inout [UInt32]
    ) {
        let stride = MemoryLayout<Bits>.size
        let valueCount = source.count / stride
        let seed = seed
        unsafe indices.extend(by: valueCount) { target in
            var slots = unsafe self.slots
            var numbers = unsafe self.numbers
            var mask = self.mask
            for position in 0..<valueCount {
                let key = unsafe UInt64(
                    source.loadUnaligned(fromByteOffset: position &* stride, as: Bits.self)
                )
                var slot = Int(truncatingIfNeeded: Self.hash(key, seed)) & mask
                var entry = unsafe slots[slot]
                while unsafe entry != 0 && numbers[Int(entry) &- 1] != key {
                    slot = (slot &+ 1) & mask
                    entry = unsafe slots[slot]
                }
                if entry == 0 {
                    entry = add(key, at: slot)
                    unsafe slots = self.slots
                    unsafe numbers = self.numbers
                    mask = self.mask
                }
                unsafe target[position] = entry &- 1
            }
        }
    }

    private func add(_ key: UInt64, at slot: Int) -> UInt32 {
        unsafe numbers[count] = key
        count += 1
        unsafe slots[slot] = UInt32(count)
        if count * 2 > mask { grow() }
        return UInt32(count)
    }

    private func grow() {
        let slotCount = (mask + 1) * 4
        let larger = unsafe NumberDictionary.Storage(slotCount: slotCount)
        unsafe larger.numbers.update(from: numbers, count: count)
        for position in 0..<count {
            var slot = unsafe Int(truncatingIfNeeded: Self.hash(numbers[position], seed)) & (slotCount - 1)
            while unsafe larger.slots[slot] != 0 { slot = (slot + 1) & (slotCount - 1) }
            unsafe larger.slots[slot] = UInt32(position + 1)
        }
        unsafe slots.deallocate()
        unsafe numbers.deallocate()
        unsafe slots = larger.slots
        unsafe numbers = larger.numbers
        mask = slotCount - 1
    }

    /// Fresh room, which the caller takes over.
    @unsafe private struct Storage {
        let slots: UnsafeMutablePointer<UInt32>
        let numbers: UnsafeMutablePointer<UInt64>

        init(slotCount: Int) {
            unsafe slots = .allocate(capacity: slotCount)
            unsafe slots.initialize(repeating: 0, count: slotCount)
            unsafe numbers = .allocate(capacity: slotCount / 2 + 1)
        }
    }

    @inline(__always)
    private static func hash(_ key: UInt64, _ seed: UInt64) -> UInt64 {
        let product = (key ^ seed).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}

extension [UInt32] {
    /// Adds `added` elements that the body writes, all of them.
    mutating func extend(by added: Int, _ body: (UnsafeMutablePointer<UInt32>) -> Void) {
        let start = count
        append(contentsOf: repeatElement(0, count: added))
        unsafe withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress, added > 0 { unsafe body(base + start) }
        }
    }
}
