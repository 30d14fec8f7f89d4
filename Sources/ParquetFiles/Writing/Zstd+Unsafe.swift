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
