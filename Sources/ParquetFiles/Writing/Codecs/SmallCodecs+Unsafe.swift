import CLZ4
import CSnappy
import CZlib

/// Snappy, gzip and LZ4 pages, and checksums; none of them keeps a context.
///
/// Each is given a buffer with the room that its library asks for, and told how much that is.
enum SmallCodecs {
    static func snappy(_ page: PageBuffer, into buffer: inout [UInt8]) -> Int? {
        var size = snappy_max_compressed_length(page.count)
        reserve(size, &buffer)
        return unsafe page.withBytes { source in
            unsafe buffer.withUnsafeMutableBytes { target in
                guard let from = unsafe source.baseAddress?.assumingMemoryBound(to: CChar.self),
                    let to = unsafe target.baseAddress?.assumingMemoryBound(to: CChar.self)
                else { return nil }
                return unsafe snappy_compress(from, source.count, to, &size) == SNAPPY_OK ? size : nil
            }
        }
    }

    static func lz4(_ page: PageBuffer, into buffer: inout [UInt8]) -> Int? {
        guard page.count <= 0x7E00_0000 else { return nil }
        let bound = LZ4_compressBound(Int32(page.count))
        reserve(Int(bound), &buffer)
        return unsafe page.withBytes { source in
            unsafe buffer.withUnsafeMutableBytes { target in
                guard let from = unsafe source.baseAddress?.assumingMemoryBound(to: CChar.self),
                    let to = unsafe target.baseAddress?.assumingMemoryBound(to: CChar.self)
                else { return nil }
                let size = unsafe LZ4_compress_default(from, to, Int32(source.count), bound)
                return size > 0 ? Int(size) : nil
            }
        }
    }

    static func gzip(_ page: PageBuffer, level: Int, into buffer: inout [UInt8]) -> Int? {
        guard page.count <= Int(Int32.max) else { return nil }
        return unsafe page.withBytes { source in
            var stream = unsafe z_stream()
            // 15 is the largest window, 16 more ask for the header of gzip.
            let status = unsafe deflateInit2_(
                &stream,
                CInt(clamping: level),
                Z_DEFLATED,
                15 + 16,
                8,
                Z_DEFAULT_STRATEGY,
                ZLIB_VERSION,
                CInt(MemoryLayout<z_stream>.size)
            )
            guard status == Z_OK else { return nil }
            defer { _ = unsafe deflateEnd(&stream) }
            reserve(Int(unsafe deflateBound(&stream, UInt(source.count))), &buffer)
            return unsafe buffer.withUnsafeMutableBytes { target in
                // The library takes a mutable pointer and does not write to it.
                unsafe stream.next_in = UnsafeMutablePointer(
                    mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self)
                )
                unsafe stream.avail_in = UInt32(source.count)
                unsafe stream.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
                unsafe stream.avail_out = UInt32(clamping: target.count)
                guard unsafe deflate(&stream, Z_FINISH) == Z_STREAM_END else { return nil }
                return unsafe Int(stream.total_out)
            }
        }
    }

    /// The checksum that gzip uses, which is the one of pages.
    static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe checksum($0) }
    }

    static func checksum(_ page: PageBuffer) -> UInt32 {
        unsafe page.withBytes { unsafe checksum($0) }
    }

    private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        return unsafe UInt32(truncatingIfNeeded: crc32_z(0, start, bytes.count))
    }

    private static func reserve(_ size: Int, _ buffer: inout [UInt8]) {
        if buffer.count < size { buffer = [UInt8](repeating: 0, count: size) }
    }
}
