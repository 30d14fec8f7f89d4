#if MariaDB
import ColumnBatches

/// Finds the texts of a column that come again and again, so that each is kept once and its rows as numbers.
///
/// It owns its memory, which `deallocate` frees: an open table of twice as many places as there may be texts, the offsets
/// of the texts and their bytes. A text is compared with the bytes it was found by, so equal numbers are equal texts.
/// It gives up as soon as a column proves to hold mostly different texts, or texts that all land in one place.
@safe
struct TextInterner {
    /// The most distinct texts, and the bytes that they may have together.
    private static let textLimit = 4_096
    private static let byteLimit = 256 << 10
    private static let placeCount = 8_192
    /// After so many texts a column must have shown each of them four times on average.
    private static let sample = 512
    /// So many places are looked at for one text, whatever the texts are.
    private static let probeLimit: UInt64 = 32

    /// 19 bits of a text's hash, then its number plus one in 13 bits; zero marks a free place.
    private let places: UnsafeMutablePointer<UInt32>
    /// What `short` makes of each text of fewer than eight bytes.
    private let words: UnsafeMutablePointer<UInt64>
    private let offsets: UnsafeMutablePointer<Int32>
    private let bytes: UnsafeMutablePointer<UInt8>
    private(set) var count = 0
    private var seen = 0
    /// The distinct texts as of the last batch; batches without a new text share them.
    private var known: ByteValues?

    init() {
        unsafe places = .allocate(capacity: Self.placeCount)
        unsafe places.initialize(repeating: 0, count: Self.placeCount)
        unsafe words = .allocate(capacity: Self.textLimit)
        unsafe offsets = .allocate(capacity: Self.textLimit + 1)
        // Of the others each is written with its text, and read only from then on.
        unsafe offsets.initialize(to: 0)
        unsafe bytes = .allocate(capacity: Self.byteLimit)
    }

    func deallocate() {
        unsafe places.deallocate()
        unsafe words.deallocate()
        unsafe offsets.deallocate()
        unsafe bytes.deallocate()
    }

    /// The number of a text, or nil when the column should be kept as it is from now on.
    ///
    /// - Precondition: `length` bytes can be read at `text`.
    @inline(__always)
    mutating func number(_ text: UnsafeRawPointer, _ length: Int) -> UInt32? {
        seen &+= 1
        let word = unsafe length < 8 ? Self.short(text, length) : 0
        let hash = unsafe length < 8 ? Self.hash(word, length) : Self.hash(text, length)
        let tag = UInt32(truncatingIfNeeded: hash &>> 45) &<< 13
        var place = Int(truncatingIfNeeded: hash & UInt64(Self.placeCount &- 1))
        for _ in 0..<Self.probeLimit {
            let entry = unsafe places[place]
            if entry == 0 { return unsafe add(text, length, word, tag, place) }
            if entry & ~0x1FFF == tag {
                let number = Int(entry & 0x1FFF) &- 1
                let start = unsafe Int(offsets[number])
                if unsafe Int(offsets[number &+ 1]) &- start == length,
                    unsafe length < 8
                        ? words[number] == word
                        : Self.isEqual(UnsafeRawPointer(bytes + start), text, length)
                {
                    return UInt32(truncatingIfNeeded: number)
                }
            }
            place = (place &+ 1) & (Self.placeCount &- 1)
        }
        return nil
    }

    /// Copies the text of a number to the end of a plain column; for a column that is given up.
    func withText<Result>(_ number: UInt32, _ body: (UnsafeRawPointer, Int) -> Result) -> Result {
        let start = unsafe Int(offsets[Int(number)])
        return unsafe body(UnsafeRawPointer(bytes + start), Int(offsets[Int(number) + 1]) - start)
    }

    /// The distinct texts, by their numbers.
    mutating func texts() -> ByteValues {
        if let known, known.count == count { return known }
        let end = unsafe Int(offsets[count])
        let texts = unsafe ByteValues(
            offsets: Array(UnsafeBufferPointer(start: offsets, count: count + 1)),
            bytes: Array(UnsafeBufferPointer(start: bytes, count: end))
        )
        known = texts
        return texts
    }

    @inline(never)
    private mutating func add(
        _ text: UnsafeRawPointer,
        _ length: Int,
        _ word: UInt64,
        _ tag: UInt32,
        _ place: Int
    ) -> UInt32? {
        let start = unsafe Int(offsets[count])
        guard count < Self.textLimit, start + length <= Self.byteLimit,
            seen < Self.sample || count * 4 < seen
        else { return nil }
        unsafe UnsafeMutableRawPointer(bytes + start).copyMemory(from: text, byteCount: length)
        unsafe places[place] = tag | UInt32(count + 1)
        unsafe words[count] = word
        count += 1
        unsafe offsets[count] = Int32(start + length)
        return UInt32(count - 1)
    }

    /// Of up to seven bytes, which `word` stands for.
    @inline(__always)
    private static func hash(_ word: UInt64, _ length: Int) -> UInt64 {
        mix(seed(length) ^ word)
    }

    /// Reads the first and the last eight bytes, and what lies between them where there is more.
    @inline(__always)
    private static func hash(_ text: UnsafeRawPointer, _ length: Int) -> UInt64 {
        var value = seed(length)
        var position = 0
        while position &+ 8 <= length {
            value = unsafe mix(value ^ text.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            position &+= 8
        }
        return unsafe mix(value ^ text.loadUnaligned(fromByteOffset: length &- 8, as: UInt64.self))
    }

    @inline(__always)
    private static func seed(_ length: Int) -> UInt64 {
        UInt64(truncatingIfNeeded: length) &* 0x9E37_79B9_7F4A_7C15
    }

    /// Up to seven bytes as one number; every byte is part of it.
    @inline(__always)
    private static func short(_ text: UnsafeRawPointer, _ length: Int) -> UInt64 {
        if length >= 4 {
            let first = unsafe UInt64(text.loadUnaligned(as: UInt32.self))
            let last = unsafe UInt64(text.loadUnaligned(fromByteOffset: length &- 4, as: UInt32.self))
            return first | last &<< 32
        }
        guard length > 0 else { return 0 }
        let first = unsafe UInt64(text.load(as: UInt8.self))
        let middle = unsafe UInt64(text.load(fromByteOffset: length &>> 1, as: UInt8.self))
        let last = unsafe UInt64(text.load(fromByteOffset: length &- 1, as: UInt8.self))
        return first | middle &<< 8 | last &<< 16
    }

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let (high, low) = value.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return high ^ low
    }

    /// Of texts of eight bytes and more.
    @inline(__always)
    private static func isEqual(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ length: Int) -> Bool {
        var position = 0
        while position &+ 8 <= length {
            if unsafe left.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                != right.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            {
                return false
            }
            position &+= 8
        }
        return unsafe left.loadUnaligned(fromByteOffset: length &- 8, as: UInt64.self)
            == right.loadUnaligned(fromByteOffset: length &- 8, as: UInt64.self)
    }
}
#endif
