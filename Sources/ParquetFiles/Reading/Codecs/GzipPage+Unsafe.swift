import CZlib

/// Pages compressed with gzip, in one or several members, and checksums of pages.
enum GzipPage {
    /// Whether the page held exactly `size` bytes, which are then in the buffer.
    ///
    /// - Precondition: the buffer has `size` bytes; the library is told no more.
    static func decode(_ page: ArraySlice<UInt8>, size: Int, into buffer: inout [UInt8]) -> Bool {
        precondition(size <= buffer.count && size <= Int(Int32.max) && page.count <= Int(Int32.max))
        return unsafe page.withUnsafeBytes { source in
            unsafe buffer.withUnsafeMutableBytes { target in
                var stream = unsafe z_stream()
                // 15 is the largest window, 32 more stand for gzip or zlib, whichever it is.
                let size32 = unsafe Int32(MemoryLayout<z_stream>.size)
                guard unsafe inflateInit2_(&stream, 15 + 32, ZLIB_VERSION, size32) == Z_OK else {
                    return false
                }
                defer { _ = unsafe inflateEnd(&stream) }
                // The library takes a mutable pointer and does not write to it.
                unsafe stream.next_in = UnsafeMutablePointer(
                    mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self)
                )
                unsafe stream.avail_in = UInt32(source.count)
                unsafe stream.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
                unsafe stream.avail_out = UInt32(size)
                while true {
                    let before = unsafe (stream.avail_in, stream.avail_out)
                    let status = unsafe inflate(&stream, Z_NO_FLUSH)
                    if status == Z_STREAM_END {
                        if unsafe stream.avail_in == 0 || stream.avail_out == 0 {
                            return unsafe stream.avail_out == 0
                        }
                        guard unsafe inflateReset(&stream) == Z_OK else { return false }
                    } else {
                        let after = unsafe (stream.avail_in, stream.avail_out)
                        guard status == Z_OK, before != after else { return false }
                    }
                }
            }
        }
    }

    /// The checksum of a page.
    static func checksum(_ page: ArraySlice<UInt8>) -> UInt32 {
        unsafe page.withUnsafeBytes { bytes in
            unsafe UInt32(
                truncatingIfNeeded: crc32(
                    0,
                    bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    UInt32(truncatingIfNeeded: bytes.count)
                )
            )
        }
    }
}
