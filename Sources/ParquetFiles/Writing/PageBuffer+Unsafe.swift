/// A growable buffer that keeps its memory from page to page.
///
/// `base` owns `capacity` bytes, of which `count` are written. Every write first reserves its room, so that it stays
/// within the buffer; nothing outside this file sees the pointer.
@safe final class PageBuffer {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int = 1 << 16) {
        self.capacity = capacity
        unsafe base = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    }

    deinit { unsafe base.deallocate() }

    func clear() { count = 0 }

    private func reserve(_ added: Int) {
        guard count + added > capacity else { return }
        let larger = max(capacity * 2, count + added)
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        unsafe fresh.copyMemory(from: base, byteCount: count)
        unsafe base.deallocate()
        unsafe base = fresh
        capacity = larger
    }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe body(UnsafeRawBufferPointer(start: base, count: count))
    }

    func append(_ byte: UInt8) {
        reserve(1)
        unsafe base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    func append(little value: UInt32) {
        reserve(4)
        unsafe base.storeBytes(of: value.littleEndian, toByteOffset: count, as: UInt32.self)
        count += 4
    }

    func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        append(UInt8(rest))
    }

    func append(zigzag value: Int64) {
        append(varint: UInt64(bitPattern: value &<< 1 ^ value &>> 63))
    }

    func append(_ bytes: ArraySlice<UInt8>) {
        reserve(bytes.count)
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress {
                unsafe (base + count).copyMemory(from: start, byteCount: source.count)
            }
        }
        count += bytes.count
    }

    /// Numbers as they lie in memory; the format is little-endian, as every machine this builds for.
    func append<Number: BitwiseCopyable>(plain values: ArraySlice<Number>) {
        let size = values.count * MemoryLayout<Number>.stride
        reserve(size)
        unsafe values.withUnsafeBytes { source in
            if let start = source.baseAddress {
                unsafe (base + count).copyMemory(from: start, byteCount: source.count)
            }
        }
        count += size
    }

    /// Texts as length and bytes.
    func append(plain offsets: ArraySlice<Int32>, bytes: [UInt8]) {
        guard offsets.count > 1, let first = offsets.first, let last = offsets.last else { return }
        let size = Int(last - first) + 4 * (offsets.count - 1)
        reserve(size)
        unsafe offsets.withUnsafeBufferPointer { offsets in
            unsafe bytes.withUnsafeBytes { source in
                var target = unsafe base + count
                for index in 0..<(offsets.count - 1) {
                    let start = unsafe Int(offsets[index])
                    let length = unsafe Int(offsets[index + 1]) - start
                    unsafe target.storeBytes(of: UInt32(length).littleEndian, as: UInt32.self)
                    unsafe target += 4
                    if length > 0, let origin = source.baseAddress {
                        unsafe target.copyMemory(from: origin + start, byteCount: length)
                        unsafe target += length
                    }
                }
            }
        }
        count += size
    }

    /// Numbers of `width` bits each, the least significant bit first; the last byte is filled with zeros.
    func append(packed values: UnsafeBufferPointer<UInt64>, width: Int) {
        guard width > 0 else { return }
        let size = (values.count * width + 7) / 8
        reserve(size + 8)
        var target = unsafe base + count
        var word: UInt64 = 0
        var used = 0
        for index in values.indices {
            let value = unsafe values[index]
            word |= value &<< UInt64(used)
            if used + width >= 64 {
                unsafe target.storeBytes(of: word.littleEndian, as: UInt64.self)
                unsafe target += 8
                let taken = 64 - used
                word = taken == 64 || taken >= width ? 0 : value &>> UInt64(taken)
                used = used + width - 64
            } else {
                used += width
            }
        }
        // Room for eight bytes more was reserved.
        if used > 0 { unsafe target.storeBytes(of: word.littleEndian, as: UInt64.self) }
        count += size
    }

    /// Dictionary indices of `width` bits each, packed in groups of eight; the last group is filled with zeros.
    func append(packed indices: ArraySlice<UInt32>, width: Int) {
        guard width > 0 else { return }
        let padded = (indices.count + 7) / 8 * 8
        let size = padded * width / 8
        reserve(size + 8)
        unsafe indices.withUnsafeBufferPointer { indices in
            var target = unsafe base + count
            var word: UInt64 = 0
            var used = 0
            for index in 0..<padded {
                let value = unsafe index < indices.count ? UInt64(indices[index]) : 0
                word |= value &<< UInt64(used)
                used += width
                if used >= 32 {
                    unsafe target.storeBytes(
                        of: UInt32(truncatingIfNeeded: word).littleEndian,
                        as: UInt32.self
                    )
                    unsafe target += 4
                    word &>>= 32
                    used -= 32
                }
            }
            if used > 0 { unsafe target.storeBytes(of: word.littleEndian, as: UInt64.self) }
        }
        count += size
    }
}

extension PageBuffer {
    /// Adds what the buffer holds to an array.
    func appendTo(_ bytes: inout [UInt8]) {
        unsafe withBytes { unsafe bytes.append(contentsOf: $0) }
    }
}
