/// A growable row of bits in Arrow's order: bit `i` is bit `i % 64` of word `i / 64`.
///
/// On little-endian machines the words are Arrow's validity bytes as they stand. Bits past `count` are zero.
public struct Bitmap: Sendable, Hashable {
    /// The bits, 64 a word.
    public private(set) var words: [UInt64]
    /// The number of bits.
    public private(set) var count: Int

    /// Makes an empty bitmap with room for `capacity` bits.
    public init(capacity: Int = 0) {
        words = []
        words.reserveCapacity((capacity + 63) / 64)
        count = 0
    }

    /// Makes a bitmap of `count` equal bits.
    public init(repeating bit: Bool, count: Int) {
        words = Array(repeating: bit ? ~0 : 0, count: (count + 63) / 64)
        self.count = count
        clearTail()
    }

    /// Makes a bitmap from words in this type's layout; surplus bits are cleared.
    ///
    /// - Precondition: `words` holds at least `count` bits.
    public init(words: [UInt64], count: Int) {
        precondition(words.count * 64 >= count, "too few words for \(count) bits")
        self.words = words.count == (count + 63) / 64 ? words : Array(words[..<((count + 63) / 64)])
        self.count = count
        clearTail()
    }

    /// The bit at a position.
    @inlinable
    public subscript(index: Int) -> Bool {
        (words[index &>> 6] &>> UInt64(index & 63)) & 1 == 1
    }

    /// Sets the bit at a position.
    public mutating func set(_ index: Int, to bit: Bool) {
        precondition(index >= 0 && index < count, "bit \(index) of \(count)")
        if bit {
            words[index &>> 6] |= 1 &<< UInt64(index & 63)
        } else {
            words[index &>> 6] &= ~(1 &<< UInt64(index & 63))
        }
    }

    /// Adds a bit at the end.
    public mutating func append(_ bit: Bool) {
        if count & 63 == 0 { words.append(0) }
        if bit { words[count &>> 6] |= 1 &<< UInt64(count & 63) }
        count += 1
    }

    /// Adds equal bits at the end.
    public mutating func append(repeating bit: Bool, count added: Int) {
        var left = added
        while left > 0 {
            if count & 63 == 0 { words.append(0) }
            let room = 64 - (count & 63)
            let taken = min(room, left)
            if bit {
                let mask: UInt64 = taken == 64 ? ~0 : ((1 &<< UInt64(taken)) &- 1)
                words[count &>> 6] |= mask &<< UInt64(count & 63)
            }
            count += taken
            left -= taken
        }
    }

    /// Adds a range of another bitmap at the end.
    public mutating func append(contentsOf other: Bitmap, range: Range<Int>) {
        for index in range { append(other[index]) }
    }

    /// The number of set bits.
    public var setCount: Int {
        words.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    private mutating func clearTail() {
        if count & 63 != 0 { words[count &>> 6] &= (1 &<< UInt64(count & 63)) &- 1 }
    }
}
