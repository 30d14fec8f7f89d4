import ColumnBatches

/// Bits that are gathered many at a time, in the order of `Bitmap`.
struct BitBuffer {
    private(set) var words: [UInt64] = []
    private(set) var count = 0

    /// Makes equal bits.
    init(repeating bit: Bool = true, count: Int = 0) {
        words = Array(repeating: bit ? ~0 : 0, count: (count + 63) / 64)
        self.count = count
        if bit && count & 63 != 0 { words[words.count - 1] = (1 &<< UInt64(count & 63)) &- 1 }
    }

    var bitmap: Bitmap { Bitmap(words: words, count: count) }

    subscript(index: Int) -> Bool { words[index &>> 6] &>> UInt64(index & 63) & 1 == 1 }

    /// Up to 64 bits from a position on; those past the end are zero.
    func word(at index: Int) -> UInt64 {
        let place = index &>> 6
        let shift = UInt64(index & 63)
        let low = place < words.count ? words[place] &>> shift : 0
        return shift == 0 || place + 1 >= words.count ? low : low | words[place + 1] &<< (64 - shift)
    }

    /// Adds the low bits of a word; the others must be zero.
    mutating func append(word: UInt64, count added: Int) {
        let shift = UInt64(count & 63)
        if shift == 0 {
            words.append(word)
        } else {
            words[words.count - 1] |= word &<< shift
            if Int(shift) + added > 64 { words.append(word &>> (64 - shift)) }
        }
        count += added
    }

    mutating func append(repeating bit: Bool, count added: Int) {
        var left = added
        while left > 0 {
            let taken = min(64 - (count & 63), left)
            let ones: UInt64 = taken == 64 ? ~0 : (1 &<< UInt64(taken)) &- 1
            append(word: bit ? ones : 0, count: taken)
            left -= taken
        }
    }

    mutating func append(_ bit: Bool) { append(word: bit ? 1 : 0, count: 1) }

    mutating func reserve(_ added: Int) { words.reserveCapacity((count + added + 63) / 64) }

    /// Drops the bits from a position on.
    mutating func truncate(to kept: Int) {
        words.removeLast(words.count - (kept + 63) / 64)
        count = kept
        if kept & 63 != 0 { words[words.count - 1] &= (1 &<< UInt64(kept & 63)) &- 1 }
    }

    /// Adds bits that lie one after the other in bytes, the lowest of a byte first.
    ///
    /// Each word is put together from the bytes that its bits touch; `bit + added` is within the bytes, which the
    /// precondition checks, and a load of eight bytes is made only where eight are left.
    ///
    /// - Returns: How many of them are set.
    mutating func append(_ bytes: UnsafeRawBufferPointer, from bit: Int, count added: Int) -> Int {
        precondition(bit >= 0 && added >= 0 && (bit + added + 7) / 8 <= bytes.count, "bits outside the bytes")
        var set = 0
        var done = 0
        while done < added {
            let start = bit + done
            let taken = min(64 - (count & 63), added - done, 57)
            let byte = start &>> 3
            var word: UInt64 = 0
            if byte + 8 <= bytes.count {
                word = unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: byte, as: UInt64.self))
            } else {
                for index in byte..<bytes.count {
                    word |= unsafe UInt64(bytes[index]) &<< UInt64(8 * (index - byte))
                }
            }
            word = word &>> UInt64(start & 7) & ((1 &<< UInt64(taken)) &- 1)
            set += word.nonzeroBitCount
            append(word: word, count: taken)
            done += taken
        }
        return set
    }
}
