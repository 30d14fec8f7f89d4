/// BYTE_STREAM_SPLIT: the first bytes of all numbers, then the second ones, and so on.
///
/// The room is one byte for each byte of each number; stream `k` begins `k` times the count in.
extension PageBuffer {
    func append(split values: ArraySlice<Int32>) {
        unsafe values.withUnsafeBytes { unsafe append(split4: $0) }
    }
    func append(split values: ArraySlice<Float>) {
        unsafe values.withUnsafeBytes { unsafe append(split4: $0) }
    }
    func append(split values: ArraySlice<Int64>) {
        unsafe values.withUnsafeBytes { unsafe append(split8: $0) }
    }
    func append(split values: ArraySlice<Double>) {
        unsafe values.withUnsafeBytes { unsafe append(split8: $0) }
    }

    private func append(split4 source: UnsafeRawBufferPointer) {
        let count = source.count / 4
        let room = unsafe grow(by: count * 4)
        for index in 0..<count {
            let value = unsafe source.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self)
            for byte in 0..<4 {
                unsafe room.storeBytes(
                    of: UInt8(truncatingIfNeeded: value &>> UInt32(truncatingIfNeeded: 8 &* byte)),
                    toByteOffset: byte &* count &+ index,
                    as: UInt8.self
                )
            }
        }
    }

    private func append(split8 source: UnsafeRawBufferPointer) {
        let count = source.count / 8
        let room = unsafe grow(by: count * 8)
        for index in 0..<count {
            let value = unsafe source.loadUnaligned(fromByteOffset: index &* 8, as: UInt64.self)
            for byte in 0..<8 {
                unsafe room.storeBytes(
                    of: UInt8(truncatingIfNeeded: value &>> UInt64(truncatingIfNeeded: 8 &* byte)),
                    toByteOffset: byte &* count &+ index,
                    as: UInt8.self
                )
            }
        }
    }

    /// Numbers of `width` bytes each, one after the other in `source`.
    func append(split source: ArraySlice<UInt8>, width: Int) {
        let count = source.count / width
        let room = unsafe grow(by: count * width)
        unsafe source.withUnsafeBytes { source in
            for byte in 0..<width {
                for index in 0..<count {
                    let value = unsafe source[index * width + byte]
                    unsafe room.storeBytes(of: value, toByteOffset: byte * count + index, as: UInt8.self)
                }
            }
        }
    }
}
