import ColumnBatches

/// Row groups of other files, copied as they are: no page is decompressed or decoded.
///
///     let old = try await ParquetReader.open(source)
///     for index in old.rowGroups.indices {
///         if let rows = changed[index] {
///             try writer.append(rows)
///         } else {
///             try await writer.appendRowGroup(copying: index, from: old)
///         }
///     }
///
/// Page indexes and bloom filters come along; statistics go into the summary of the new file.
extension ParquetWriter {
    /// Copies a row group of another file behind what was written so far; the open row group is closed before.
    ///
    /// - Throws: `ParquetError` with the code `schemaMismatch` when the file's schema is another one, down to names,
    ///   annotations and field ids; and what the source throws.
    public mutating func appendRowGroup(copying index: Int, from reader: ParquetReader) async throws {
        let copy = try copy(index, reader)
        let parts = try await reader.source.read(copy.ranges)
        guard zip(parts, copy.ranges).allSatisfy({ $0.count == $1.count }) && parts.count == copy.ranges.count
        else { throw ParquetReader.shortRead(copy.ranges[0]) }
        try append(copy, index, reader, copy.reading(parts)) { _ throws(ParquetError) in }
    }

    /// The same from a file that is there at once.
    ///
    /// - Precondition: the reader was made of a `BlockingParquetSource`.
    /// - Throws: `ParquetError`, as the other one does.
    public mutating func appendRowGroup(copyingNow index: Int, from reader: ParquetReader)
        throws(ParquetError)
    {
        try appendRowGroup(copyingNow: index, from: reader) { _ throws(ParquetError) in }
    }

    /// The same, with `flush` called whenever some of the new file is ready.
    mutating func appendRowGroup(
        copyingNow index: Int,
        from reader: ParquetReader,
        flush: (inout FileAssembly) throws(ParquetError) -> Void
    ) throws(ParquetError) {
        guard let source = reader.source as? any BlockingParquetSource else {
            preconditionFailure("the reader's source has to be awaited")
        }
        let read: RowGroupCopy.Read = { range throws(ParquetError) in
            let (bytes, start) = try source.readNow(range)
            guard start <= range.lowerBound, start + bytes.count >= range.upperBound else {
                throw ParquetReader.shortRead(range)
            }
            return bytes[(range.lowerBound - start)..<(range.upperBound - start)]
        }
        try append(try copy(index, reader), index, reader, read, flush)
    }

    private func copy(_ index: Int, _ reader: ParquetReader) throws(ParquetError) -> RowGroupCopy {
        let other = reader.footer.file
        precondition(
            other.rowGroups.indices.contains(index),
            "row group \(index) of \(other.rowGroups.count)"
        )
        // The root's name means nothing.
        let pairs = zip(file.schema.dropFirst(), other.schema.dropFirst())
        if let (mine, theirs) = pairs.first(where: { $0 != $1 }) {
            throw ParquetError(
                .schemaMismatch,
                column: mine.name,
                message:
                    "the file to copy from has the column \(theirs.name) there, or the same with another type"
                    + ", annotation or field id"
            )
        }
        guard file.schema.count == other.schema.count else {
            throw ParquetError(
                .schemaMismatch,
                message:
                    "the file to copy from has the columns \(reader.schema.names), this one \(schema.names)"
            )
        }
        return try RowGroupCopy(index, of: other, fileSize: reader.source.byteCount)
    }

    private mutating func append(
        _ copy: RowGroupCopy,
        _ index: Int,
        _ reader: ParquetReader,
        _ read: RowGroupCopy.Read,
        _ flush: (inout FileAssembly) throws(ParquetError) -> Void
    ) throws(ParquetError) {
        try closeRowGroup()
        try copy.append(to: &file, read, flush: flush)
        let group = reader.footer.rowGroups[index]
        for (encoder, chunk) in zip(chunks, group.chunks) {
            let statistics = chunk.statistics
            let isEmpty = statistics.nullCount == chunk.valueCount
            let bounds = ValueBounds(statistics.min, statistics.max)
            encoder.include(isEmpty ? ValueBounds.none : bounds, nullCount: statistics.nullCount)
        }
        count(copied: group.rowCount)
    }
}

extension ValueBounds {
    /// The bounds that a file tells, or nil when it tells none.
    fileprivate init?(_ min: ColumnValue?, _ max: ColumnValue?) {
        switch (min, max) {
        case (.boolean(let low), .boolean(let high)): self = .boolean(low, high)
        case (.integer(let low), .integer(let high)), (.timestamp(let low), .timestamp(let high)),
            (.timestampNTZ(let low), .timestampNTZ(let high)), (.time(let low, _), .time(let high, _)):
            self = .signed(low, high)
        case (.date(let low), .date(let high)): self = .signed(Int64(low), Int64(high))
        case (.unsigned(let low), .unsigned(let high)): self = .unsigned(low, high)
        case (.float(let low), .float(let high)): self = .single(low, high)
        case (.double(let low), .double(let high)): self = .real(low, high)
        case (.string(let low), .string(let high)): self = .bytes(Array(low.utf8), Array(high.utf8))
        case (.binary(let low), .binary(let high)): self = .bytes(low, high)
        case (.decimal(let low, _), .decimal(let high, _)): self = .wide(low, high)
        default: return nil
        }
    }
}
