import CSnappy

/// Pages compressed with Snappy.
enum SnappyPage {
    /// Whether the page held exactly `size` bytes, which are then in the buffer.
    ///
    /// - Precondition: the buffer has `size` bytes; the library writes as many as the page announces, which is checked.
    static func decode(_ page: ArraySlice<UInt8>, size: Int, into buffer: inout [UInt8]) -> Bool {
        precondition(size <= buffer.count)
        return unsafe page.withUnsafeBytes { source in
            unsafe buffer.withUnsafeMutableBytes { target in
                guard let from = unsafe source.baseAddress?.assumingMemoryBound(to: CChar.self),
                    let to = unsafe target.baseAddress?.assumingMemoryBound(to: CChar.self)
                else { return false }
                var length = 0
                guard unsafe snappy_uncompressed_length(from, source.count, &length) == SNAPPY_OK,
                    length == size
                else { return false }
                return unsafe snappy_uncompress(from, source.count, to, &length) == SNAPPY_OK
                    && length == size
            }
        }
    }
}
