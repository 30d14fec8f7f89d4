/// Compresses pages, one after the other; contexts and buffer are kept.
final class PageCompressor {
    private var buffer: [UInt8] = []
    private var zstd: [Int: ZstdCompressor] = [:]

    /// The compressed bytes of a page; valid until the next call.
    func compress(_ page: PageBuffer, _ compression: ParquetCompression) throws(ParquetError) -> ArraySlice<
        UInt8
    > {
        let size: Int?
        switch compression {
        case .uncompressed: preconditionFailure("there is nothing to do without a codec")
        case .zstd(let level): size = try context(level).compress(page, into: &buffer)
        case .snappy: size = SmallCodecs.snappy(page, into: &buffer)
        case .gzip(let level): size = SmallCodecs.gzip(page, level: level, into: &buffer)
        case .lz4Raw: size = SmallCodecs.lz4(page, into: &buffer)
        }
        guard let size else {
            throw ParquetError(
                .codec,
                message: "\(compression) could not compress a page of \(page.count) bytes"
            )
        }
        return buffer[..<size]
    }

    private func context(_ level: Int) throws(ParquetError) -> ZstdCompressor {
        if let context = zstd[level] { return context }
        let context = try ZstdCompressor(level: level)
        zstd[level] = context
        return context
    }
}

extension ParquetCompression {
    /// The codec's number in the format.
    var codec: Codec {
        switch self {
        case .uncompressed: .uncompressed
        case .zstd: .zstd
        case .snappy: .snappy
        case .gzip: .gzip
        case .lz4Raw: .lz4Raw
        }
    }
}
