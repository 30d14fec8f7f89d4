import ColumnBatches

/// Bulk work on texts.
///
/// Arrays grow by `grow(by:)`, whose closure gets room for as many values as were asked for and says how
/// many it wrote. Where sixteen bytes are copied at once, the comment at the place says why both sides have them.
extension ValueArrays {
    /// Adds texts of a dictionary.
    ///
    /// - Precondition: every index is below the dictionary's count.
    mutating func appendTexts(_ indices: DictionaryIndices, of dictionary: ValueArrays, limit: Int)
        throws(ParquetError)
    {
        let distinct = dictionary.offsets.count - 1
        precondition(indices.bound <= distinct, "an index outside the dictionary")
        var end = bytes.count
        let start = end
        // First the offsets, which tell how much room the bytes need; the sum cannot overflow, as each text is below
        // 2 GiB and there are below 2^31 of them.
        offsets.grow(by: indices.values.count) { (room: inout OutputSpan<Int32>) in
            unsafe room.withUnsafeMutableBufferPointer { target, used in
                unsafe dictionary.offsets.withUnsafeBufferPointer { from in
                    unsafe indices.values.withUnsafeBufferPointer { indices in
                        for place in 0..<indices.count {
                            let index = unsafe Int(indices[place])
                            end += unsafe Int(from[index + 1] &- from[index])
                            unsafe target[place] = Int32(truncatingIfNeeded: end)
                        }
                        used = indices.count
                    }
                }
            }
        }
        guard end <= min(limit, Int(Int32.max)) else {
            offsets.removeLast(indices.values.count)
            throw ParquetError.tooLarge("texts", limit)
        }
        let slack = 16
        bytes.grow(by: end - start + slack) { (room: inout OutputSpan<UInt8>) in
            unsafe room.withUnsafeMutableBufferPointer { target, used in
                unsafe dictionary.bytes.withUnsafeBufferPointer { source in
                    unsafe dictionary.offsets.withUnsafeBufferPointer { from in
                        guard var to = target.baseAddress, let texts = source.baseAddress else { return }
                        for index in indices.values {
                            let place = unsafe Int(from[Int(index)])
                            let length = unsafe Int(from[Int(index) + 1]) - place
                            // The target has `slack` bytes past its end; the source is looked at.
                            if length <= 16 && place + 16 <= source.count {
                                unsafe copySixteen(texts + place, to)
                            } else {
                                unsafe to.update(from: texts + place, count: length)
                            }
                            unsafe to += length
                        }
                    }
                }
                used = end - start
            }
        }
    }

    /// Adds texts that lie in a page one after the other, each behind its length of four bytes.
    ///
    /// - Returns: Where they end.
    mutating func appendPlainTexts(
        _ count: Int,
        _ page: UnsafeRawBufferPointer,
        from start: Int,
        to pageEnd: Int,
        limit: Int
    ) throws(ParquetError) -> Int {
        guard count <= (pageEnd - start) / 4 else { throw ParquetError.shortPage }
        let first = bytes.count
        var end = first
        var position = start
        // Lengths first: each is checked against the rest of the page.
        try offsets.grow(by: count) { (room: inout OutputSpan<Int32>) throws(ParquetError) in
            try unsafe room.withUnsafeMutableBufferPointer { target, used throws(ParquetError) in
                for place in 0..<count {
                    guard pageEnd - position >= 4 else { throw ParquetError.shortPage }
                    let length = unsafe Int(
                        UInt32(littleEndian: page.loadUnaligned(fromByteOffset: position, as: UInt32.self))
                    )
                    position += 4
                    guard length <= pageEnd - position else { throw ParquetError.shortPage }
                    position += length
                    end += length
                    unsafe target[place] = Int32(truncatingIfNeeded: end)
                }
                used = count
            }
        }
        guard end <= min(limit, Int(Int32.max)) else { throw ParquetError.tooLarge("texts", limit) }
        let known = offsets.count - count - 1
        bytes.grow(by: end - first + 32) { (room: inout OutputSpan<UInt8>) in
            unsafe room.withUnsafeMutableBufferPointer { target, used in
                unsafe offsets.withUnsafeBufferPointer { offsets in
                    guard var to = target.baseAddress, let from = page.baseAddress else { return }
                    var place = start
                    for index in known..<(known + count) {
                        let length = unsafe Int(offsets[index + 1] &- offsets[index])
                        place += 4
                        // The target has 32 bytes past its end; the source is looked at.
                        if length <= 32 && place + 32 <= page.count {
                            let source = unsafe (from + place).assumingMemoryBound(to: UInt8.self)
                            unsafe copySixteen(source, to)
                            unsafe copySixteen(source + 16, to + 16)
                        } else if length > 0 {
                            unsafe UnsafeMutableRawPointer(to).copyMemory(
                                from: from + place,
                                byteCount: length
                            )
                        }
                        unsafe to += length
                        place += length
                    }
                }
                used = end - first
            }
        }
        return position
    }

    /// Adds values of a fixed length.
    ///
    /// - Precondition: the page has them.
    mutating func appendFixed(
        _ count: Int,
        width: Int,
        _ page: UnsafeRawBufferPointer,
        from start: Int,
        limit: Int
    ) throws(ParquetError) {
        let (size, overflow) = count.multipliedReportingOverflow(by: width)
        guard !overflow, bytes.count + size <= min(limit, Int(Int32.max)) else {
            throw ParquetError.tooLarge("values", limit)
        }
        let first = bytes.count
        unsafe bytes.append(size, from: page, at: start)
        for index in 0..<count { offsets.append(Int32(truncatingIfNeeded: first + (index + 1) * width)) }
    }

    /// Moves the offsets from `base` on apart; a missing text has no bytes.
    mutating func spreadTexts(from base: Int, slots: Int, _ validity: BitBuffer, at first: Int) {
        var source = offsets.count - 1
        let last = offsets[source]
        offsets.append(contentsOf: repeatElement(last, count: base + slots - source))
        unsafe offsets.withUnsafeMutableBufferPointer { offsets in
            // A slot `s` ends at offset `s + 1`; sources and slots stay within the array as in `spread`.
            var slot = slots - 1
            while slot >= 0 && source < base + slot + 1 {
                unsafe offsets[base + slot + 1] = offsets[source]
                if validity[first + slot] { source -= 1 }
                slot -= 1
            }
        }
    }
}

/// Copies sixteen bytes; both sides must have them.
@inline(__always)
private func copySixteen(_ from: UnsafePointer<UInt8>, _ to: UnsafeMutablePointer<UInt8>) {
    let word = unsafe UnsafeRawPointer(from).loadUnaligned(as: SIMD16<UInt8>.self)
    unsafe UnsafeMutableRawPointer(to).storeBytes(of: word, as: SIMD16<UInt8>.self)
}
