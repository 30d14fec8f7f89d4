/// Numbers of a page as an array.
enum PlainBytes {
    /// The first `count` numbers; the format is little-endian, as every machine this builds for.
    ///
    /// - Precondition: `bytes` holds at least `count` numbers.
    static func numbers<Number: BitwiseCopyable>(_ bytes: ArraySlice<UInt8>, _ count: Int, of: Number.Type)
        -> [Number]
    {
        let size = count * MemoryLayout<Number>.stride
        precondition(size <= bytes.count, "too few bytes")
        return unsafe [Number](unsafeUninitializedCapacity: count) { target, initialized in
            // Both sides have `size` bytes: checked above, and reserved by the initialiser.
            unsafe bytes.withUnsafeBytes { source in
                if let from = source.baseAddress, let to = target.baseAddress {
                    unsafe UnsafeMutableRawPointer(to).copyMemory(from: from, byteCount: size)
                }
            }
            initialized = count
        }
    }
}
