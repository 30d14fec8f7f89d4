/// DELTA_LENGTH_BYTE_ARRAY and DELTA_BYTE_ARRAY.
enum DeltaTextEncoder {
    /// All lengths as differences, then all bytes.
    static func appendLengths(_ offsets: ArraySlice<Int32>, _ bytes: [UInt8], to page: PageBuffer) {
        DeltaEncoder.encode(lengths(offsets)[...], into: page)
        page.append(bytes[Int(offsets.first ?? 0)..<Int(offsets.last ?? 0)])
    }

    /// How many bytes each text shares with the one before it, then what follows them as lengths and bytes.
    static func appendPrefixes(_ offsets: ArraySlice<Int32>, _ bytes: [UInt8], to page: PageBuffer) {
        let prefixes = SharedPrefixes.lengths(offsets, bytes)
        DeltaEncoder.encode(prefixes[...], into: page)
        var suffixes = lengths(offsets)
        for index in suffixes.indices { suffixes[index] -= prefixes[index] }
        DeltaEncoder.encode(suffixes[...], into: page)
        page.append(suffixesOf: offsets, bytes, prefixes)
    }

    private static func lengths(_ offsets: ArraySlice<Int32>) -> [Int32] {
        var lengths: [Int32] = []
        lengths.reserveCapacity(offsets.count)
        var previous = offsets.first ?? 0
        for offset in offsets.dropFirst() {
            lengths.append(offset - previous)
            previous = offset
        }
        return lengths
    }
}
