/// Bulk work on arrays of numbers.
///
/// Arrays grow by `grow(by:)`, whose closure gets room for as many values as were asked for and says how many it wrote.
extension Array where Element: BitwiseCopyable {
    /// Adds as many values as a closure puts into the room that it gets; no room is made for none.
    ///
    /// The standard library would write even then, into the storage that all empty arrays of all threads share.
    @inline(__always)
    mutating func grow<Failure: Error>(
        by count: Int,
        _ fill: (inout OutputSpan<Element>) throws(Failure) -> Void
    ) throws(Failure) {
        guard count > 0 else { return }
        try append(addingCapacity: count, initializingWith: fill)
    }

    /// Adds numbers that lie one after the other in little-endian bytes, as every machine this builds for has them.
    mutating func append(_ count: Int, from bytes: UnsafeRawBufferPointer, at start: Int) {
        let size = count * MemoryLayout<Element>.stride
        precondition(start >= 0 && size <= bytes.count - start, "too few bytes")
        grow(by: count) { (room: inout OutputSpan<Element>) in
            unsafe room.withUnsafeMutableBufferPointer { target, used in
                if let to = target.baseAddress, let from = bytes.baseAddress, size > 0 {
                    unsafe UnsafeMutableRawPointer(to).copyMemory(from: from + start, byteCount: size)
                }
                used = count
            }
        }
    }

    /// Adds the values at some positions of a dictionary.
    ///
    /// - Precondition: every index is below the dictionary's count; `DictionaryIndices` has checked it.
    mutating func append(_ indices: DictionaryIndices, of dictionary: [Element]) {
        precondition(indices.bound <= dictionary.count, "an index outside the dictionary")
        grow(by: indices.values.count) { (room: inout OutputSpan<Element>) in
            unsafe room.withUnsafeMutableBufferPointer { target, used in
                unsafe dictionary.withUnsafeBufferPointer { from in
                    unsafe indices.values.withUnsafeBufferPointer { indices in
                        for place in 0..<indices.count {
                            unsafe target[place] = from[Int(truncatingIfNeeded: indices[place])]
                        }
                        used = indices.count
                    }
                }
            }
        }
    }

    /// Moves the values from `base` on apart, so that each lies in the slot of a set bit and `zero` in the others.
    ///
    /// Works from the end, so that no value is overwritten before it has moved: a value's slot is never before it.
    mutating func spread(from base: Int, slots: Int, _ validity: BitBuffer, at first: Int, zero: Element) {
        var source = count - base
        append(contentsOf: repeatElement(zero, count: slots - source))
        unsafe withUnsafeMutableBufferPointer { all in
            // Slots and sources stay within 0..<slots, and the array has `base + slots` values.
            let values = unsafe all.baseAddress.map { unsafe $0 + base }
            guard let values = unsafe values else { return }
            var end = slots
            while end > 0 && source < end {
                let start = (end - 1) & ~63
                let bits = validity.word(at: first + start)
                var slot = end - 1
                while slot >= start {
                    let bit = bits &>> UInt64(slot - start) & 1
                    source -= Int(truncatingIfNeeded: bit)
                    let value = unsafe values[Swift.min(source, slots - 1)]
                    unsafe values[slot] = bit == 1 ? value : zero
                    slot -= 1
                }
                end = start
            }
        }
    }
}
