/// PLAIN texts, and numbers of a fixed number of bytes.
extension PageBuffer {
    /// Texts as length and bytes; text `i` is `bytes[offsets[i] ..< offsets[i + 1]]`.
    ///
    /// The room is the sum of all lengths and their bytes, and 32 bytes of slack for the wide copies. A wide copy reads at
    /// most 32 bytes from a text's start and only where the source has them.
    func append(plain offsets: ArraySlice<Int32>, bytes: [UInt8]) {
        guard offsets.count > 1, let first = offsets.first, let last = offsets.last else { return }
        precondition(first >= 0 && Int(last) <= bytes.count, "offsets pass the bytes")
        let room = unsafe grow(by: Int(last - first) + 4 * (offsets.count - 1), slack: 32)
        unsafe offsets.withUnsafeBufferPointer { offsets in
            unsafe bytes.withUnsafeBytes { source in
                var target = unsafe room
                var start = unsafe Int(offsets[0])
                for index in 1..<offsets.count {
                    let end = unsafe Int(offsets[index])
                    let length = end - start
                    precondition(length >= 0, "offsets fall")
                    unsafe target.storeBytes(of: UInt32(length).littleEndian, as: UInt32.self)
                    unsafe target += 4
                    if let base = source.baseAddress {
                        unsafe Self.copy(base, source.count, start, length, to: target)
                    }
                    unsafe target += length
                    start = end
                }
            }
        }
    }

    /// Copies a text; short ones in one or two moves of sixteen bytes.
    @inline(__always)
    static func copy(
        _ source: UnsafeRawPointer,
        _ count: Int,
        _ start: Int,
        _ length: Int,
        to target: UnsafeMutableRawPointer
    ) {
        let origin = unsafe source + start
        if length <= 32 && start + 32 <= count {
            unsafe target.storeBytes(of: origin.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
            if length > 16 {
                unsafe (target + 16).storeBytes(
                    of: (origin + 16).loadUnaligned(as: SIMD16<UInt8>.self),
                    as: SIMD16<UInt8>.self
                )
            }
        } else if length > 0 {
            unsafe target.copyMemory(from: origin, byteCount: length)
        }
    }

    /// Numbers as `width` bytes each, the greatest first.
    func append(bigEndian values: ArraySlice<Int128>, width: Int) {
        precondition(width > 0 && width <= 16)
        let room = unsafe grow(by: values.count * width)
        var target = unsafe room
        for value in values {
            for index in 0..<width {
                unsafe target.storeBytes(
                    of: UInt8(
                        truncatingIfNeeded: value &>> Int128(truncatingIfNeeded: 8 * (width - 1 - index))
                    ),
                    toByteOffset: index,
                    as: UInt8.self
                )
            }
            unsafe target += width
        }
    }
}
