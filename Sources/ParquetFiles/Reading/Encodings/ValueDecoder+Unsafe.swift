/// Decodes the values of a page, some at a time.
///
/// The decoder holds positions only; every call is given the bytes of the page. Each branch checks the bytes it takes
/// against `end`, or hands them to a decoder that does.
struct ValueDecoder {
    private enum Form {
        /// Values after each other from a position on; of booleans the position of a bit.
        case plain(Int)
        case runs(HybridDecoder)
        case delta(DeltaDecoder)
        case deltaLength(lengths: DeltaDecoder, position: Int)
        case deltaBytes(prefixes: DeltaDecoder, suffixes: DeltaDecoder, position: Int, previous: [UInt8])
        /// The first bytes of all values, then the second ones, and so on.
        case streamSplit(start: Int, count: Int, next: Int)
        case dictionary(HybridDecoder)
    }

    let leaf: LeafColumn
    let end: Int
    private var form: Form

    /// Whether the values are positions in the dictionary of the chunk.
    var isDictionary: Bool { if case .dictionary = form { true } else { false } }

    /// Begins with the values of a page, which lie in a range of its bytes.
    init(
        _ leaf: LeafColumn,
        _ encoding: Encoding,
        _ bytes: UnsafeRawBufferPointer,
        from start: Int,
        to end: Int
    ) throws(ParquetError) {
        self.leaf = leaf
        self.end = end
        switch (encoding, leaf.physical) {
        case (.plain, .boolean): form = .plain(start * 8)
        case (.plain, _): form = .plain(start)
        case (.dictionary, let physical), (.plainDictionary, let physical):
            guard physical != .boolean else { throw Self.misfit(encoding) }
            // A page without values has no width either.
            let width = start < end ? unsafe Int(bytes[start]) : 0
            form = .dictionary(try HybridDecoder(width: width, from: min(start + 1, end), to: end))
        case (.rle, .boolean):
            guard start < end else {
                form = .runs(try HybridDecoder(width: 1, from: end, to: end))
                return
            }
            guard end - start >= 4 else { throw ParquetError.shortPage }
            let length = unsafe Int(
                UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self))
            )
            guard length <= end - start - 4 else { throw ParquetError.shortPage }
            form = .runs(try HybridDecoder(width: 1, from: start + 4, to: start + 4 + length))
        case (.deltaBinaryPacked, .int32), (.deltaBinaryPacked, .int64):
            form = unsafe .delta(try DeltaDecoder(bytes, from: start, to: end))
        case (.deltaLengthByteArray, .byteArray):
            let lengths = unsafe try DeltaDecoder(bytes, from: start, to: end)
            form = unsafe .deltaLength(lengths: lengths, position: try lengths.endPosition(bytes))
        case (.deltaByteArray, .byteArray), (.deltaByteArray, .fixedLengthByteArray):
            let prefixes = unsafe try DeltaDecoder(bytes, from: start, to: end)
            let suffixes = unsafe try DeltaDecoder(bytes, from: try prefixes.endPosition(bytes), to: end)
            form = unsafe .deltaBytes(
                prefixes: prefixes,
                suffixes: suffixes,
                position: try suffixes.endPosition(bytes),
                previous: []
            )
        case (.byteStreamSplit, .int32), (.byteStreamSplit, .int64), (.byteStreamSplit, .float),
            (.byteStreamSplit, .double), (.byteStreamSplit, .fixedLengthByteArray):
            let width = leaf.valueWidth
            guard (end - start) % width == 0 else { throw ParquetError.shortPage }
            form = .streamSplit(start: start, count: (end - start) / width, next: 0)
        default: throw Self.misfit(encoding)
        }
    }

    private static func misfit(_ encoding: Encoding) -> ParquetError {
        ParquetError(
            .damaged,
            message: "a page has the encoding \(encoding), which does not fit the column's type"
        )
    }

    /// The next positions in the dictionary.
    mutating func readIndices(
        _ count: Int,
        _ bytes: UnsafeRawBufferPointer,
        to indices: inout DictionaryIndices
    )
        throws(ParquetError)
    {
        guard case .dictionary(var decoder) = form else { return }
        unsafe try indices.read(count, &decoder, bytes)
        form = .dictionary(decoder)
    }

    /// The next values, as they are stored, added to `values`; its bytes may not pass `limit`.
    mutating func read(
        _ count: Int,
        _ bytes: UnsafeRawBufferPointer,
        to values: inout ValueArrays,
        limit: Int
    ) throws(ParquetError) {
        guard count > 0 else { return }
        switch form {
        case .plain(let position):
            form = unsafe .plain(try readPlain(count, bytes, from: position, to: &values, limit: limit))
        case .runs(var decoder):
            _ = unsafe try decoder.readBits(count, bytes, to: &values.booleans)
            form = .runs(decoder)
        case .delta(var decoder):
            if leaf.physical == .int32 {
                unsafe try decoder.append(count, bytes, to: &values.int32s)
            } else {
                unsafe try decoder.append(count, bytes, to: &values.int64s)
            }
            form = .delta(decoder)
        case .deltaLength(var lengths, let position):
            let end = unsafe try readLengths(
                count,
                &lengths,
                bytes,
                from: position,
                to: &values,
                limit: limit
            )
            form = .deltaLength(lengths: lengths, position: end)
        case .deltaBytes(var prefixes, var suffixes, var position, var previous):
            unsafe try readPrefixed(
                count,
                &prefixes,
                &suffixes,
                &position,
                &previous,
                bytes,
                to: &values,
                limit: limit
            )
            form = .deltaBytes(prefixes: prefixes, suffixes: suffixes, position: position, previous: previous)
        case .streamSplit(let start, let total, let next):
            guard count <= total - next else { throw ParquetError.shortPage }
            unsafe try readStreams(count, bytes, start: start, total: total, next: next, to: &values, limit)
            form = .streamSplit(start: start, count: total, next: next + count)
        case .dictionary: preconditionFailure("positions of a dictionary are not values")
        }
    }

    private func readPlain(
        _ count: Int,
        _ bytes: UnsafeRawBufferPointer,
        from position: Int,
        to values: inout ValueArrays,
        limit: Int
    ) throws(ParquetError) -> Int {
        switch leaf.physical {
        case .boolean:
            guard count <= end * 8 - position else { throw ParquetError.shortPage }
            _ = unsafe values.booleans.append(bytes, from: position, count: count)
            return position + count
        case .byteArray:
            return unsafe try values.appendPlainTexts(count, bytes, from: position, to: end, limit: limit)
        default: break
        }
        let width = leaf.valueWidth
        guard count <= (end - position) / width else { throw ParquetError.shortPage }
        switch leaf.physical {
        case .int32: unsafe values.int32s.append(count, from: bytes, at: position)
        case .int64: unsafe values.int64s.append(count, from: bytes, at: position)
        case .float: unsafe values.floats.append(count, from: bytes, at: position)
        case .double: unsafe values.doubles.append(count, from: bytes, at: position)
        default: unsafe try values.appendFixed(count, width: width, bytes, from: position, limit: limit)
        }
        return position + count * width
    }
}

extension LeafColumn {
    /// The bytes of a stored value of a fixed length.
    var valueWidth: Int {
        switch physical {
        case .boolean, .byteArray: 1
        case .int32, .float: 4
        case .int64, .double: 8
        case .int96: 12
        case .fixedLengthByteArray: width
        }
    }
}

extension ParquetError {
    static let shortPage = ParquetError(.damaged, message: "a page has fewer bytes than its values need")

    static func tooLarge(_ what: String, _ limit: Int) -> ParquetError {
        ParquetError(
            .tooLarge,
            message:
                "the \(what) of a batch pass the limit of \(limit) bytes; read fewer rows at once or raise the limit"
        )
    }
}
