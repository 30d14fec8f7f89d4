/// The decoders' calls on a page's bytes as an array: each lends the array for the time of one call.
extension LevelDecoder {
    mutating func skipMaximum(_ count: Int, of bytes: [UInt8]) throws(ParquetError) -> Bool {
        unsafe try lend(bytes) { raw throws(ParquetError) in unsafe try skipMaximum(count, raw) }
    }

    mutating func readBits(_ count: Int, of bytes: [UInt8], to bits: inout BitBuffer) throws(ParquetError)
        -> Int
    {
        unsafe try lend(bytes) { raw throws(ParquetError) in unsafe try readBits(count, raw, to: &bits) }
    }

    mutating func read(_ count: Int, of bytes: [UInt8], to levels: inout [UInt8]) throws(ParquetError) {
        unsafe try lend(bytes) { raw throws(ParquetError) in unsafe try read(count, raw, to: &levels) }
    }
}

extension ValueDecoder {
    init(_ leaf: LeafColumn, _ encoding: Encoding, of bytes: [UInt8], from start: Int, to end: Int)
        throws(ParquetError)
    {
        precondition(start >= 0 && start <= end && end <= bytes.count, "values outside their page")
        self = unsafe try lend(bytes) { raw throws(ParquetError) in
            unsafe try ValueDecoder(leaf, encoding, raw, from: start, to: end)
        }
    }

    mutating func readIndices(_ count: Int, of bytes: [UInt8], to indices: inout DictionaryIndices)
        throws(ParquetError)
    {
        unsafe try lend(bytes) { raw throws(ParquetError) in unsafe try readIndices(count, raw, to: &indices)
        }
    }

    mutating func read(_ count: Int, of bytes: [UInt8], to values: inout ValueArrays, limit: Int)
        throws(ParquetError)
    {
        unsafe try lend(bytes) { raw throws(ParquetError) in
            unsafe try read(count, raw, to: &values, limit: limit)
        }
    }
}

/// Hands the bytes of an array to a closure that passes on what it throws.
@inline(__always)
private func lend<Result>(
    _ bytes: [UInt8],
    _ body: (UnsafeRawBufferPointer) throws(ParquetError) -> Result
) throws(ParquetError) -> Result {
    let span = unsafe bytes.span.bytes
    return unsafe try span.withUnsafeBytes { raw throws(ParquetError) -> Result in unsafe try body(raw) }
}
