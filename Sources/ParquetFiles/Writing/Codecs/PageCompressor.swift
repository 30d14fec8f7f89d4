/// Compresses pages, one after the other; contexts and buffers are kept.
final class PageCompressor {
    private var buffer: [UInt8] = []
    private var other: [UInt8] = []
    private var contexts: [Context: ZstdCompressor] = [:]

    private struct Context: Hashable {
        var level: Int
        var table: ZstdTable
    }

    /// The compressed bytes of a page; valid until the next call.
    func compress(
        _ page: PageBuffer,
        _ compression: ParquetCompression,
        table: ZstdTable = .usual
    ) throws(ParquetError) -> ArraySlice<UInt8> {
        let size: Int?
        switch compression {
        case .uncompressed: preconditionFailure("there is nothing to do without a codec")
        case .zstd(let level): size = try zstd(level, table).compress(page, into: &buffer)
        case .snappy: size = SmallCodecs.snappy(page, into: &buffer)
        case .gzip(let level): size = SmallCodecs.gzip(page, level: level, into: &buffer)
        case .lz4Raw: size = SmallCodecs.lz4(page, into: &buffer)
        }
        guard let size else { throw failure(page, compression) }
        return buffer[..<size]
    }

    /// The compressed bytes of a column's first page, and the table with which the column goes on.
    ///
    /// The small table is taken where it costs no hundredth of the size; levels above the first asked for smaller files.
    func compressFirst(
        _ page: PageBuffer,
        _ compression: ParquetCompression
    ) throws(ParquetError) -> (bytes: ArraySlice<UInt8>, table: ZstdTable) {
        let bytes = try compress(page, compression)
        guard case .zstd(level: 1) = compression else { return (bytes, .usual) }
        guard let size = try zstd(1, .small).compress(page, into: &other) else {
            throw failure(page, compression)
        }
        return size * 100 <= bytes.count * 101 ? (other[..<size], .small) : (bytes, .usual)
    }

    private func zstd(_ level: Int, _ table: ZstdTable) throws(ParquetError) -> ZstdCompressor {
        let context = Context(level: level, table: table)
        if let known = contexts[context] { return known }
        let made = try ZstdCompressor(level: level, table: table)
        contexts[context] = made
        return made
    }

    private func failure(_ page: PageBuffer, _ compression: ParquetCompression) -> ParquetError {
        ParquetError(.codec, message: "\(compression) could not compress a page of \(page.count) bytes")
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
