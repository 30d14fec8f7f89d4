extension LeafReader {
    /// Opens the next data page, or passes over it when all its rows lie before a row that is not wanted yet.
    ///
    /// Afterwards a page is open, or the reader is past a dictionary or a page without rows that are wanted.
    ///
    /// - Returns: The bytes without which it cannot go on, or nil.
    func openPage(passingOverRowsTo target: Int) throws(ParquetError) -> Range<Int>? {
        do throws(ParquetError) {
            return try openNextPage(passingOverRowsTo: target)
        } catch {
            var placed = error
            placed.pageOffset = placed.pageOffset ?? position
            throw placed
        }
    }

    private func openNextPage(passingOverRowsTo target: Int) throws(ParquetError) -> Range<Int>? {
        guard position < end else {
            throw ParquetError(.damaged, message: "the column ends after \(row) of \(settings.rowCount) rows")
        }
        let available = window.count(from: position)
        guard available > 0 else { return request(1) }
        let header: PageHeader
        let start: Int
        var reader = ThriftReader(window.bytes, from: position - window.start)
        do throws(ParquetError) {
            header = try PageHeader(&reader)
            start = reader.position + window.start
        } catch {
            // A header has no length of its own: only more bytes tell whether it is damaged.
            guard window.end < end, available < 16 << 20 else { throw error }
            return request(available * 2)
        }
        let (stop, overflow) = start.addingReportingOverflow(header.compressedSize)
        guard !overflow, stop <= end else {
            throw ParquetError(.damaged, message: "a page reaches past its column")
        }
        if leaf.maxRepetition == 0 && header.isData {
            guard header.valueCount <= settings.rowCount - row else {
                throw ParquetError(
                    .damaged,
                    message: "a page has \(header.valueCount) rows where \(settings.rowCount - row) are left"
                )
            }
            try checkLocation(rows: header.valueCount)
            if header.valueCount <= target - row {
                position = stop
                row += header.valueCount
                entries += header.valueCount
                return nil
            }
        }
        guard header.kind == .index || stop <= window.end else { return request(stop - position) }
        if header.kind != .index {
            let body = start..<stop
            if settings.verifiesChecksums, let checksum = header.checksum,
                GzipPage.checksum(window.slice(body)) != checksum
            {
                throw ParquetError(.damaged, message: "a page's checksum does not fit its bytes")
            }
            try header.isData ? openData(header, body) : readDictionary(header, body)
        }
        position = stop
        entries += header.isData ? header.valueCount : 0
        return nil
    }

    /// Checks that the next page lies where the offset index says, with as many rows: a wrong one would give wrong rows.
    private func checkLocation(rows count: Int) throws(ParquetError) {
        guard !pages.isEmpty else { return }
        var low = 0
        var high = pages.count
        while low < high {
            let middle = (low + high) / 2
            if pages[middle].offset < position { low = middle + 1 } else { high = middle }
        }
        let end = low + 1 < pages.count ? pages[low + 1].firstRow : settings.rowCount
        guard low < pages.count, pages[low].offset == position, pages[low].firstRow == row, row + count == end
        else {
            throw ParquetError(.damaged, message: "the offset index contradicts the pages")
        }
    }

    /// The range to ask for, from the present position on: whole windows, and small chunks whole.
    private func request(_ least: Int) -> Range<Int> {
        var stop = end
        if end - position > 2 * settings.windowBytes {
            stop = min(end, position + max(least, settings.windowBytes))
            // Not beyond the pages that are wanted.
            if let part = wanted.first(where: { $0.contains(position) }) {
                stop = max(position + least, min(stop, part.upperBound))
            }
        } else if let part = wanted.first(where: { $0.contains(position) }) {
            stop = max(position + least, part.upperBound)
        }
        return position..<min(stop, end)
    }

    /// The bytes of a page after decompression: an array and the range in it.
    private func content(_ header: PageHeader, _ body: Range<Int>) throws(ParquetError)
        -> (isBuffered: Bool, range: Range<Int>)
    {
        if chunk.codec == .uncompressed {
            return (false, (body.lowerBound - window.start)..<(body.upperBound - window.start))
        }
        try decompress(body, to: header.uncompressedSize)
        return (true, 0..<header.uncompressedSize)
    }

    private func decompress(_ body: Range<Int>, to size: Int) throws(ParquetError) {
        guard size <= settings.pageBytes, size <= chunk.codec.mostBytes(from: body.count) else {
            throw ParquetError(
                .tooLarge,
                message: "a page of \(body.count) bytes claims \(size) before compression"
            )
        }
        try settings.decompressor.decompress(chunk.codec, window.slice(body), size: size, into: &buffer)
    }

    private func readDictionary(_ header: PageHeader, _ body: Range<Int>) throws(ParquetError) {
        guard dictionary == nil, entries == 0 else {
            throw ParquetError(
                .damaged,
                message: "a column has a second dictionary, or one behind its values"
            )
        }
        guard header.encoding == .plain || header.encoding == .plainDictionary, leaf.physical != .boolean
        else {
            throw ParquetError(
                .unsupportedEncoding,
                message: "a dictionary has the encoding \(header.encodingNumber)"
            )
        }
        let (isBuffered, range) = try content(header, body)
        let bytes = isBuffered ? buffer : window.bytes
        var decoder = try ValueDecoder(leaf, .plain, of: bytes, from: range.lowerBound, to: range.upperBound)
        var stored = ValueArrays()
        try decoder.read(header.valueCount, of: bytes, to: &stored, limit: settings.columnBytes)
        if leaf.conversion == .none {
            dictionary = stored
        } else {
            var converted = ValueArrays()
            try leaf.conversion.append(stored, of: leaf, to: &converted)
            dictionary = converted
        }
    }

    private func openData(_ header: PageHeader, _ body: Range<Int>) throws(ParquetError) {
        guard header.valueCount > 0 else { return }
        guard let encoding = header.encoding else {
            throw ParquetError(
                .unsupportedEncoding,
                message: "the encoding \(header.encodingNumber) is not supported"
            )
        }
        page =
            header.kind == .dataV2
            ? try version2(header, encoding, body) : try version1(header, encoding, body)
    }

    private func version1(_ header: PageHeader, _ encoding: Encoding, _ body: Range<Int>) throws(ParquetError)
        -> OpenPage
    {
        let (isBuffered, range) = try content(header, body)
        let bytes = isBuffered ? buffer : window.bytes
        var start = range.lowerBound
        /// The levels that come next: behind their length, or without one in the old packed form.
        func levels(_ maximum: Int, _ encoding: Encoding) throws(ParquetError) -> LevelDecoder {
            guard maximum > 0 else { return LevelDecoder() }
            let left = range.upperBound - start
            if encoding == .bitPacked {
                let size = (header.valueCount * LevelDecoder.width(maximum) + 7) / 8
                guard size <= left else { throw Self.shortLevels }
                start += size
                return try LevelDecoder(maximum: maximum, isPacked: true, from: start - size, to: start)
            }
            guard left >= 4 else { throw Self.shortLevels }
            var size = 0
            for index in 0..<4 { size |= Int(bytes[start + index]) << (8 * index) }
            guard size <= left - 4 else { throw Self.shortLevels }
            start += 4 + size
            return try LevelDecoder(maximum: maximum, from: start - size, to: start)
        }
        let repetitions = try levels(leaf.maxRepetition, header.repetitionEncoding)
        let definitions = try levels(leaf.maxDefinition, header.definitionEncoding)
        return OpenPage(
            bytes: isBuffered ? [] : bytes,
            areLevelsBuffered: isBuffered,
            areValuesBuffered: isBuffered,
            left: header.valueCount,
            definitions: definitions,
            repetitions: repetitions,
            values: try ValueDecoder(leaf, encoding, of: bytes, from: start, to: range.upperBound)
        )
    }

    private func version2(_ header: PageHeader, _ encoding: Encoding, _ body: Range<Int>) throws(ParquetError)
        -> OpenPage
    {
        let levelSize = header.repetitionSize + header.definitionSize
        guard levelSize <= body.count, levelSize <= header.uncompressedSize else { throw Self.shortLevels }
        let first = body.lowerBound - window.start
        let repetitionEnd = first + header.repetitionSize
        let repetitions =
            leaf.maxRepetition == 0
            ? LevelDecoder() : try LevelDecoder(maximum: leaf.maxRepetition, from: first, to: repetitionEnd)
        let definitions =
            leaf.maxDefinition == 0
            ? LevelDecoder()
            : try LevelDecoder(
                maximum: leaf.maxDefinition,
                from: repetitionEnd,
                to: repetitionEnd + header.definitionSize
            )
        var range = (first + levelSize)..<(body.upperBound - window.start)
        let isBuffered = header.isCompressed && chunk.codec != .uncompressed
        if isBuffered {
            // A page without values may hold an empty frame, or nothing at all.
            let size = header.uncompressedSize - levelSize
            try decompress((body.lowerBound + levelSize)..<body.upperBound, to: size)
            range = 0..<size
        }
        return OpenPage(
            bytes: window.bytes,
            areLevelsBuffered: false,
            areValuesBuffered: isBuffered,
            left: header.valueCount,
            definitions: definitions,
            repetitions: repetitions,
            values: try ValueDecoder(
                leaf,
                encoding,
                of: isBuffered ? buffer : window.bytes,
                from: range.lowerBound,
                to: range.upperBound
            )
        )
    }

    private static let shortLevels = ParquetError(.damaged, message: "a page is shorter than its levels")
}

extension PageHeader {
    /// Whether the page holds values of rows.
    var isData: Bool { kind == .data || kind == .dataV2 }
}
