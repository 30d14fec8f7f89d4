/// Texts by their lengths, and by what they share with the one before.
extension ValueDecoder {
    func readLengths(
        _ count: Int,
        _ lengths: inout DeltaDecoder,
        _ bytes: UnsafeRawBufferPointer,
        from position: Int,
        to values: inout ValueArrays,
        limit: Int
    ) throws(ParquetError) -> Int {
        var sizes: [Int32] = []
        unsafe try lengths.append(count, bytes, to: &sizes)
        let first = values.bytes.count
        var size = 0
        for length in sizes {
            guard length >= 0, Int(length) <= end - position - size else { throw ParquetError.shortPage }
            size += Int(length)
            values.offsets.append(Int32(truncatingIfNeeded: first + size))
        }
        guard first + size <= min(limit, Int(Int32.max)) else { throw ParquetError.tooLarge("texts", limit) }
        unsafe values.bytes.append(size, from: bytes, at: position)
        return position + size
    }

    func readPrefixed(
        _ count: Int,
        _ prefixes: inout DeltaDecoder,
        _ suffixes: inout DeltaDecoder,
        _ position: inout Int,
        _ previous: inout [UInt8],
        _ bytes: UnsafeRawBufferPointer,
        to values: inout ValueArrays,
        limit: Int
    ) throws(ParquetError) {
        var shared: [Int32] = []
        var own: [Int32] = []
        unsafe try prefixes.append(count, bytes, to: &shared)
        unsafe try suffixes.append(count, bytes, to: &own)
        let first = values.bytes.count
        var size = 0
        var before = previous.count
        var left = end - position
        for index in 0..<count {
            guard (0...before).contains(Int(shared[index])), (0...left).contains(Int(own[index])) else {
                throw ParquetError.shortPage
            }
            left -= Int(own[index])
            before = Int(shared[index]) + Int(own[index])
            guard leaf.physical == .byteArray || before == leaf.width else { throw ParquetError.shortPage }
            size += before
            values.offsets.append(Int32(truncatingIfNeeded: first + size))
        }
        guard first + size <= min(limit, Int(Int32.max)) else { throw ParquetError.tooLarge("texts", limit) }
        var place = position
        // The loop above has checked that every prefix lies in the text before and every suffix in the page, and
        // that all texts together have `size` bytes.
        values.bytes.grow(by: size) { (room: inout OutputSpan<UInt8>) in
            unsafe room.withUnsafeMutableBufferPointer { target, used in
                unsafe previous.withUnsafeBufferPointer { outside in
                    guard var to = target.baseAddress, let page = bytes.baseAddress else { return }
                    var last = outside.baseAddress
                    for index in 0..<count {
                        let start = unsafe to
                        let prefix = Int(shared[index])
                        if let from = unsafe last, prefix > 0 { unsafe to.update(from: from, count: prefix) }
                        unsafe to += prefix
                        unsafe UnsafeMutableRawPointer(to).copyMemory(
                            from: page + place,
                            byteCount: Int(own[index])
                        )
                        unsafe to += Int(own[index])
                        place += Int(own[index])
                        unsafe last = UnsafePointer(start)
                    }
                }
                used = size
            }
        }
        position = place
        previous = Array(values.bytes.suffix(before))
    }
}

extension DeltaDecoder {
    /// The next numbers, added to a list.
    mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(
        _ count: Int,
        _ bytes: UnsafeRawBufferPointer,
        to numbers: inout [Number]
    ) throws(ParquetError) {
        guard count <= left else {
            throw ParquetError(.damaged, message: "a page has fewer differences than values")
        }
        // The decoder writes `count` numbers into room for as many.
        try numbers.grow(by: count) { (room: inout OutputSpan<Number>) throws(ParquetError) in
            try unsafe room.withUnsafeMutableBufferPointer { target, used throws(ParquetError) in
                guard let base = target.baseAddress else { return }
                unsafe try read(count, bytes, to: base)
                used = count
            }
        }
    }
}
