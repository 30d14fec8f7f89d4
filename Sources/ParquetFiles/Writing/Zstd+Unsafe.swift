import CZstd

/// A compression context that is used again and again.
///
/// `context` is made once and freed once; `buffer` has room for the bound that the library gives for a page.
@safe final class ZstdCompressor {
    private let context: OpaquePointer
    private var buffer: [UInt8] = []

    init(level: Int) throws(ParquetError) {
        guard let context = unsafe ZSTD_createCCtx() else {
            throw ParquetError(.codec, message: "there is no memory for a compressor")
        }
        unsafe self.context = context
        _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, CInt(clamping: level))
    }

    deinit { _ = unsafe ZSTD_freeCCtx(context) }

    /// The compressed bytes; valid until the next call.
    func compress(_ page: PageBuffer) throws(ParquetError) -> ArraySlice<UInt8> {
        let bound = ZSTD_compressBound(page.count)
        if buffer.count < bound { buffer = [UInt8](repeating: 0, count: bound) }
        let context = unsafe self.context
        let size = unsafe page.withBytes { source in
            unsafe buffer.withUnsafeMutableBytes { target in
                unsafe ZSTD_compress2(
                    context,
                    target.baseAddress,
                    target.count,
                    source.baseAddress,
                    source.count
                )
            }
        }
        guard ZSTD_isError(size) == 0 else {
            throw ParquetError(.codec, message: "zstd could not compress a page")
        }
        return buffer[..<size]
    }
}

/// A decompression context that is used again and again.
@safe final class ZstdDecompressor {
    private let context: OpaquePointer

    init() throws(ParquetError) {
        guard let context = unsafe ZSTD_createDCtx() else {
            throw ParquetError(.codec, message: "there is no memory for a decompressor")
        }
        unsafe self.context = context
    }

    deinit { _ = unsafe ZSTD_freeDCtx(context) }

    /// Exactly `size` bytes, or an error.
    func decompress(_ bytes: ArraySlice<UInt8>, size: Int) throws(ParquetError) -> [UInt8] {
        let announced = unsafe bytes.withUnsafeBytes {
            unsafe ZSTD_getFrameContentSize($0.baseAddress, $0.count)
        }
        // Frames that do not tell their size are let through; a page that tells another one than its header is not.
        guard announced == UInt64.max || announced == UInt64(size) else {
            throw ParquetError(.damaged, message: "a compressed page has another size than its header says")
        }
        var got = 0
        let context = unsafe self.context
        let output = unsafe [UInt8](unsafeUninitializedCapacity: size) { target, count in
            got = unsafe bytes.withUnsafeBytes { source in
                unsafe ZSTD_decompressDCtx(
                    context,
                    target.baseAddress,
                    size,
                    source.baseAddress,
                    source.count
                )
            }
            count = ZSTD_isError(got) == 0 ? min(got, size) : 0
        }
        guard ZSTD_isError(got) == 0, got == size else {
            throw ParquetError(.damaged, message: "a compressed page cannot be decompressed")
        }
        return output
    }
}
