/// The identity of a logical file, its path and its deletion vector, as 128 bits of a hash with a secret of the process.
///
/// Two files of a table share a key with a chance of about one in 10^27 for a million files, so keys stand for paths
/// in replay and look-up, and no path is kept for files that have left.
struct FileKey: Hashable, Sendable {
    var high: UInt64
    var low: UInt64

    private static let seeds = (
        UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max),
        UInt64.random(in: .min ... .max) | 1,
        UInt64.random(in: .min ... .max) | 1
    )

    /// The key of a path as the log writes it.
    init(path: String, deletionVector: String? = nil) {
        let bytes = Array(path.utf8)
        self.init(bytes, 0..<bytes.count, deletionVector: deletionVector)
    }

    /// The key of a path that stands in some bytes, without escapes of JSON.
    init(_ bytes: [UInt8], _ range: Range<Int>, deletionVector: String? = nil) {
        let seeds = Self.seeds
        high = seeds.0
        low = seeds.1
        if Self.isCanonical(bytes, range) {
            mix(bytes, range, seeds.2, seeds.3)
        } else {
            let path = PartitionPath.canonical(String(decoding: bytes[range], as: UTF8.self))
            let canonical = Array(path.utf8)
            mix(canonical, 0..<canonical.count, seeds.2, seeds.3)
        }
        if let deletionVector {
            let id = Array(deletionVector.utf8)
            mix(id, 0..<id.count, seeds.2, seeds.3)
        }
    }

    private static func isCanonical(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        for index in range where bytes[index] == UInt8(ascii: "%") || bytes[index] == UInt8(ascii: ":") {
            return false
        }
        return true
    }

    private mutating func mix(_ bytes: [UInt8], _ range: Range<Int>, _ first: UInt64, _ second: UInt64) {
        var position = range.lowerBound
        while position + 8 <= range.upperBound {
            var word: UInt64 = 0
            for offset in 0..<8 { word = word << 8 | UInt64(bytes[position + offset]) }
            mix(word, first, second)
            position += 8
        }
        var word = UInt64(range.count) << 56
        while position < range.upperBound {
            word = word << 8 | UInt64(bytes[position])
            position += 1
        }
        mix(word, first, second)
    }

    private mutating func mix(_ word: UInt64, _ first: UInt64, _ second: UInt64) {
        let one = (high ^ word).multipliedFullWidth(by: first)
        let two = (low ^ (word << 32 | word >> 32)).multipliedFullWidth(by: second)
        high = one.high ^ one.low &+ second
        low = two.high ^ two.low &+ first
    }
}

/// A set of keys, each with a mark, in one flat table.
struct FileKeySet {
    private var keys: [FileKey]
    private var marks: [UInt32]
    private(set) var count = 0

    /// Makes an empty set with room for some keys.
    init(capacity: Int = 64) {
        var size = 64
        while size < capacity * 2 { size *= 2 }
        keys = Array(repeating: FileKey(empty: ()), count: size)
        marks = Array(repeating: 0, count: size)
    }

    /// The mark of a key, or nil.
    subscript(key: FileKey) -> UInt32? {
        let slot = find(key)
        return marks[slot] == 0 ? nil : marks[slot] - 1
    }

    /// Adds a key unless it is there.
    ///
    /// - Returns: The mark of the key that was there, or nil when it was added.
    mutating func insert(_ key: FileKey, mark: UInt32) -> UInt32? {
        var slot = find(key)
        if marks[slot] != 0 { return marks[slot] - 1 }
        if (count + 1) * 4 > keys.count * 3 {
            grow()
            slot = find(key)
        }
        keys[slot] = key
        marks[slot] = mark + 1
        count += 1
        return nil
    }

    private func find(_ key: FileKey) -> Int {
        let mask = keys.count - 1
        var slot = Int(truncatingIfNeeded: key.low) & mask
        while marks[slot] != 0 && keys[slot] != key { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        let (oldKeys, oldMarks) = (keys, marks)
        keys = Array(repeating: FileKey(empty: ()), count: oldKeys.count * 2)
        marks = Array(repeating: 0, count: oldKeys.count * 2)
        for (key, mark) in zip(oldKeys, oldMarks) where mark != 0 {
            let slot = find(key)
            keys[slot] = key
            marks[slot] = mark
        }
    }
}

extension FileKey {
    fileprivate init(empty: Void) {
        high = 0
        low = 0
    }
}
