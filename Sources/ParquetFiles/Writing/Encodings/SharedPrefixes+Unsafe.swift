/// What texts share with the ones before them.
enum SharedPrefixes {
    /// For each text the number of bytes with which it begins as the one before it.
    ///
    /// Text `i` is `bytes[offsets[i] ..< offsets[i + 1]]`; eight bytes are compared at once only where both texts have
    /// them.
    static func lengths(_ offsets: ArraySlice<Int32>, _ bytes: [UInt8]) -> [Int32] {
        guard offsets.count > 1, let first = offsets.first, let last = offsets.last else { return [] }
        precondition(first >= 0 && Int(last) <= bytes.count, "offsets pass the bytes")
        var lengths: [Int32] = [0]
        lengths.reserveCapacity(offsets.count)
        unsafe bytes.withUnsafeBytes { source in
            unsafe offsets.withUnsafeBufferPointer { offsets in
                for index in 1..<max(offsets.count - 1, 1) {
                    let before = unsafe Int(offsets[index - 1])
                    let start = unsafe Int(offsets[index])
                    let limit = unsafe min(start - before, Int(offsets[index + 1]) - start)
                    var shared = 0
                    while shared + 8 <= limit {
                        let left = unsafe source.loadUnaligned(
                            fromByteOffset: before + shared,
                            as: UInt64.self
                        )
                        let right = unsafe source.loadUnaligned(
                            fromByteOffset: start + shared,
                            as: UInt64.self
                        )
                        if left != right {
                            shared += (left ^ right).littleEndian.trailingZeroBitCount / 8
                            break
                        }
                        shared += 8
                    }
                    while unsafe shared < limit && source[before + shared] == source[start + shared] {
                        shared += 1
                    }
                    lengths.append(Int32(shared))
                }
            }
        }
        return lengths
    }
}

extension PageBuffer {
    /// The bytes of each text behind its prefix.
    ///
    /// The room is the sum of what is left of the texts, and the slack that a wide copy may touch.
    func append(suffixesOf offsets: ArraySlice<Int32>, _ bytes: [UInt8], _ prefixes: [Int32]) {
        guard offsets.count > 1, let first = offsets.first, let last = offsets.last else { return }
        precondition(first >= 0 && Int(last) <= bytes.count && prefixes.count == offsets.count - 1)
        let size = Int(last - first) - prefixes.reduce(0) { $0 + Int($1) }
        var target = unsafe grow(by: size, slack: 32)
        unsafe bytes.withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            var index = offsets.startIndex
            for prefix in prefixes {
                let start = Int(offsets[index]) + Int(prefix)
                let length = Int(offsets[index + 1]) - start
                unsafe Self.copy(base, source.count, start, length, to: target)
                unsafe target += length
                index += 1
            }
        }
    }
}
