import ColumnBatches

extension ValueBounds {
    /// The bounds of a page's values.
    init(_ values: PresentValues, type: ColumnType) {
        switch values {
        case .boolean(let words, let count):
            guard count > 0 else { self = .none; return }
            let set = words.reduce(0) { $0 + $1.nonzeroBitCount }
            self = .boolean(set == count, set > 0)
        case .int32(let numbers):
            self = Extremes.of(numbers).map { .signed(Int64($0.min), Int64($0.max)) } ?? .none
        case .int64(let numbers):
            if type == .uint64 {
                self = Extremes.ofUnsigned(numbers).map { .unsigned($0.min, $0.max) } ?? .none
            } else {
                self = Extremes.of(numbers).map { .signed($0.min, $0.max) } ?? .none
            }
        case .int128(let numbers):
            self = numbers.min().flatMap { low in numbers.max().map { .wide(low, $0) } } ?? .none
        case .float(let numbers):
            self = Extremes.of(numbers).map { .single($0.min, $0.max) } ?? .none
        case .double(let numbers):
            self = Extremes.of(numbers).map { .real($0.min, $0.max) } ?? .none
        case .texts(let offsets, let bytes):
            guard let found = Extremes.ofTexts(offsets, bytes) else { self = .none; return }
            func text(_ index: Int) -> [UInt8] { Array(bytes[Int(offsets[index])..<Int(offsets[index + 1])]) }
            self = .bytes(text(found.min), text(found.max))
        case .dictionary(let indices, let texts):
            self.init(texts: texts.offsets, texts.bytes, used: Extremes.used(indices, of: texts.count))
        }
    }

    /// The bounds of the texts of a dictionary that a page uses.
    init(texts offsets: [Int32], _ bytes: [UInt8], used: [UInt32]) {
        func text(_ index: UInt32) -> ArraySlice<UInt8> {
            bytes[Int(offsets[Int(index)])..<Int(offsets[Int(index) + 1])]
        }
        guard var low = used.first else { self = .none; return }
        var high = low
        for index in used.dropFirst() {
            if text(index).lexicographicallyPrecedes(text(low)) { low = index }
            if text(high).lexicographicallyPrecedes(text(index)) { high = index }
        }
        self = .bytes(Array(text(low)), Array(text(high)))
    }
}
