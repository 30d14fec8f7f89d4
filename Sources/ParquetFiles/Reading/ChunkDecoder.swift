import ColumnBatches

/// Decodes the pages of one column chunk into a column.
struct ChunkDecoder {
    let column: FileColumn
    let type: ColumnType
    let chunk: ChunkMetadata
    let rowCount: Int

    /// The column of a chunk's bytes.
    func decode(_ bytes: [UInt8]) throws(ParquetError) -> Column {
        do throws(ParquetError) {
            return try decodePages(bytes)
        } catch {
            var named = error
            if named.column == nil { named.column = column.name }
            throw named
        }
    }

    private func decodePages(_ bytes: [UInt8]) throws(ParquetError) -> Column {
        var builder = ColumnBuilder(type)
        var dictionary: ColumnStorage?
        var position = 0
        let decompressor = chunk.codec == .zstd ? try ZstdDecompressor() : nil
        while builder.count < rowCount {
            var reader = ThriftReader(bytes, from: position)
            let header = try PageHeader(&reader)
            let start = reader.position
            guard header.compressedSize <= bytes.count - start else {
                throw ParquetError(.damaged, message: "a page reaches past its column")
            }
            let body = bytes[start..<(start + header.compressedSize)]
            position = start + header.compressedSize
            switch header.kind {
            case .dictionary:
                let page = try decompress(body, header, decompressor)
                let values = try PageValues(
                    page,
                    count: header.valueCount,
                    encoding: .plain,
                    column: column,
                    type: type
                )
                dictionary = values.storage
            case .data, .dataV2:
                guard header.valueCount <= rowCount - builder.count, header.valueCount > 0 else {
                    throw ParquetError(
                        .damaged,
                        message: "a page has \(header.valueCount) of \(rowCount) rows"
                    )
                }
                try append(body, header, dictionary, decompressor, to: &builder)
            case .index: continue
            }
        }
        return builder.finish()
    }

    private func decompress(
        _ body: ArraySlice<UInt8>,
        _ header: PageHeader,
        _ decompressor: ZstdDecompressor?
    ) throws(ParquetError) -> ArraySlice<UInt8> {
        guard let decompressor, !body.isEmpty else { return body }
        return try decompressor.decompress(body, size: header.uncompressedSize)[...]
    }

    private func append(
        _ body: ArraySlice<UInt8>,
        _ header: PageHeader,
        _ dictionary: ColumnStorage?,
        _ decompressor: ZstdDecompressor?,
        to builder: inout ColumnBuilder
    ) throws(ParquetError) {
        var levels: [UInt32]?
        var values: ArraySlice<UInt8>
        if header.kind == .dataV2 {
            let (levelSize, overflow) = header.definitionSize.addingReportingOverflow(header.repetitionSize)
            guard !overflow, levelSize <= body.count, levelSize <= header.uncompressedSize else {
                throw Self.short
            }
            if column.isOptional {
                let bytes = body.dropFirst(header.repetitionSize).prefix(header.definitionSize)
                var decoder = HybridDecoder(bytes, width: 1)
                levels = try decoder.read(header.valueCount)
            }
            values = body.dropFirst(levelSize)
            if header.isCompressed, let decompressor, !values.isEmpty {
                values = try decompressor.decompress(values, size: header.uncompressedSize - levelSize)[...]
            }
        } else {
            values = try decompress(body, header, decompressor)
            if column.isOptional {
                guard values.count >= 4 else { throw Self.short }
                var length = 0
                for index in 0..<4 { length |= Int(values[values.startIndex + index]) << (8 * index) }
                guard length <= values.count - 4 else { throw Self.short }
                var decoder = HybridDecoder(values.dropFirst(4).prefix(length), width: 1)
                levels = try decoder.read(header.valueCount)
                values = values.dropFirst(4 + length)
            }
        }
        let present = levels.map { $0.count { $0 == 1 } } ?? header.valueCount
        let page = try decode(values, present, header, dictionary)
        let dense = Column(type: type, storage: page.storage)
        guard let levels, present < header.valueCount else {
            builder.append(contentsOf: dense, rows: 0..<present)
            return
        }
        var row = 0
        var next = 0
        while row < levels.count {
            var end = row + 1
            while end < levels.count && levels[end] == levels[row] { end += 1 }
            if levels[row] == 1 {
                builder.append(contentsOf: dense, rows: next..<(next + end - row))
                next += end - row
            } else {
                builder.appendNulls(end - row)
            }
            row = end
        }
    }

    private static let short = ParquetError(.damaged, message: "a page is shorter than its levels")

    private func decode(
        _ bytes: ArraySlice<UInt8>,
        _ count: Int,
        _ header: PageHeader,
        _ dictionary: ColumnStorage?
    ) throws(ParquetError) -> PageValues {
        guard let encoding = header.encoding else {
            throw ParquetError(
                .unsupportedEncoding,
                message: "the encoding \(header.encodingNumber) is not known"
            )
        }
        guard encoding == .dictionary || encoding == .plainDictionary else {
            return try PageValues(bytes, count: count, encoding: encoding, column: column, type: type)
        }
        guard let dictionary else {
            throw ParquetError(.damaged, message: "a page refers to a dictionary that is not there")
        }
        guard count > 0 else { return try PageValues(dictionary: dictionary, indices: [], column: column) }
        guard let width = bytes.first else { throw Self.short }
        var decoder = HybridDecoder(bytes.dropFirst(), width: Int(width))
        return try PageValues(dictionary: dictionary, indices: try decoder.read(count), column: column)
    }
}
