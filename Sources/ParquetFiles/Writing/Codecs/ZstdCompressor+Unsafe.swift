import CZstd

/// The table in which a compressor looks up where bytes came before.
enum ZstdTable {
    /// As large as the level has it.
    case usual
    /// Of 2,048 places, which stay in the processor's nearest cache, for sequences of seven bytes and more.
    ///
    /// Texts that repeat at short distances, or not at all, take a quarter less time with it and are no larger.
    case small
}

/// A compression context that is used again and again; made once and freed once.
@safe final class ZstdCompressor {
    private let context: OpaquePointer

    init(level: Int, table: ZstdTable) throws(ParquetError) {
        guard let context = unsafe ZSTD_createCCtx() else {
            throw ParquetError(.codec, message: "there is no memory for a compressor")
        }
        unsafe self.context = context
        _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, CInt(clamping: level))
        if table == .small {
            _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_hashLog, 11)
            _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_minMatch, 7)
        }
    }

    deinit { _ = unsafe ZSTD_freeCCtx(context) }

    /// Replaces the beginning of `buffer`, which has at least the room that the library asks for.
    ///
    /// - Returns: The number of compressed bytes, or nil.
    func compress(_ page: PageBuffer, into buffer: inout [UInt8]) -> Int? {
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
        return ZSTD_isError(size) == 0 ? size : nil
    }
}
