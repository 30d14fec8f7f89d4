/// Decompresses pages, one after the other; its contexts are made once.
final class PageDecompressor {
    private var zstd: ZstdPageDecoder?

    /// Replaces the first `size` bytes of `buffer` by what a page holds.
    ///
    /// The buffer is only ever made larger, and has room to spare for reading eight or more bytes at once.
    ///
    /// - Throws: `ParquetError` when the page does not hold exactly `size` bytes.
    func decompress(
        _ codec: Codec,
        _ page: ArraySlice<UInt8>,
        size: Int,
        into buffer: inout [UInt8]
    ) throws(ParquetError) {
        if buffer.count < size + 64 { buffer = [UInt8](repeating: 0, count: size + 64) }
        guard size > 0 else { return }
        let isWhole: Bool
        switch codec {
        case .zstd:
            let decoder = if let zstd { zstd } else { try ZstdPageDecoder() }
            zstd = decoder
            isWhole = decoder.decode(page, size: size, into: &buffer)
        case .snappy: isWhole = SnappyPage.decode(page, size: size, into: &buffer)
        case .gzip: isWhole = GzipPage.decode(page, size: size, into: &buffer)
        case .lz4Raw: isWhole = LZ4Page.decode(page, size: size, into: &buffer)
        case .lz4: isWhole = LZ4Page.decodeHadoop(page, size: size, into: &buffer)
        case .uncompressed, .brotli, .lzo: isWhole = false
        }
        guard isWhole else {
            throw ParquetError(.damaged, message: "a page compressed with \(codec) cannot be decompressed")
        }
    }
}

extension Codec {
    /// Whether pages of the codec can be read.
    var isSupported: Bool { self != .brotli && self != .lzo }

    /// The most bytes that some compressed ones can stand for; a page that claims more is damaged.
    ///
    /// A copy of Snappy is three bytes for 64, a gzip block can repeat 258 bytes in two bits, a byte of an
    /// LZ4 length stands for 255; a zstd block of four bytes repeats one byte 128 KiB long.
    func mostBytes(from compressed: Int) -> Int {
        switch self {
        case .uncompressed: compressed
        case .snappy: compressed * 32 + 64
        case .gzip: compressed * 1040 + 64
        case .lz4, .lz4Raw: compressed * 256 + 64
        case .zstd: compressed * 33_000 + 64
        case .brotli, .lzo: 0
        }
    }
}
