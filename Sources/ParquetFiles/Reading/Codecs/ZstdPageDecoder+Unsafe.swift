import CZstd

/// A zstd context that is used again and again; made once and freed once.
@safe final class ZstdPageDecoder {
    private let context: OpaquePointer

    init() throws(ParquetError) {
        guard let context = unsafe ZSTD_createDCtx() else {
            throw ParquetError(.codec, message: "there is no memory for a decompressor")
        }
        unsafe self.context = context
    }

    deinit { _ = unsafe ZSTD_freeDCtx(context) }

    /// Whether the page held exactly `size` bytes, which are then in the buffer.
    ///
    /// - Precondition: the buffer has `size` bytes; the library is told no more.
    func decode(_ page: ArraySlice<UInt8>, size: Int, into buffer: inout [UInt8]) -> Bool {
        precondition(size <= buffer.count)
        let context = unsafe self.context
        let got = unsafe page.withUnsafeBytes { source in
            unsafe buffer.withUnsafeMutableBytes { target in
                unsafe ZSTD_decompressDCtx(
                    context,
                    target.baseAddress,
                    size,
                    source.baseAddress,
                    source.count
                )
            }
        }
        return ZSTD_isError(got) == 0 && got == size
    }
}
