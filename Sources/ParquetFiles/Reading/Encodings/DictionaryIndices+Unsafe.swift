/// Positions in a dictionary, and a number that they are all below.
struct DictionaryIndices {
    var values: [UInt32]
    private(set) var bound = 0

    init(_ values: [UInt32] = []) {
        self.values = values
        findBound()
    }

    /// Replaces the positions by the next ones of a page.
    mutating func read(_ count: Int, _ decoder: inout HybridDecoder, _ bytes: UnsafeRawBufferPointer)
        throws(ParquetError)
    {
        values.removeAll(keepingCapacity: true)
        try values.grow(by: count) { (room: inout OutputSpan<UInt32>) throws(ParquetError) in
            try unsafe room.withUnsafeMutableBufferPointer { target, used throws(ParquetError) in
                guard let base = target.baseAddress else { return }
                unsafe try decoder.read(count, bytes, to: base)
                used = count
            }
        }
        findBound()
    }

    private mutating func findBound() {
        var highest: UInt32 = 0
        for value in values { highest = max(highest, value) }
        bound = values.isEmpty ? 0 : Int(highest) + 1
    }
}
