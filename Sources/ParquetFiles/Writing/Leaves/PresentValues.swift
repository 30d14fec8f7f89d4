import ColumnBatches

/// The values of a page that are not missing, by the physical type that the file has.
enum PresentValues {
    /// The bits in words, and their number.
    case boolean([UInt64], Int)
    case int32(ArraySlice<Int32>)
    case int64(ArraySlice<Int64>)
    case int128(ArraySlice<Int128>)
    case float(ArraySlice<Float>)
    case double(ArraySlice<Double>)
    /// Offsets into the bytes, one more than there are values.
    case texts(ArraySlice<Int32>, [UInt8])
    /// Positions among distinct texts.
    case dictionary(ArraySlice<UInt32>, ByteValues)

    /// The values at some rows of a column; of those, the ones that `kept` names or, where it is nil, that are present.
    init(_ column: Column, rows: Range<Int>, kept: [Int32]? = nil) {
        let validity = kept == nil ? column.validity : nil
        let count = kept?.count ?? rows.count
        func present<Value: BitwiseCopyable>(_ values: [Value]) -> ArraySlice<Value> {
            if let kept { return Compaction.gather(values, kept)[...] }
            guard let validity else { return values[rows] }
            return Compaction.present(values, rows: rows, validity)[...]
        }
        switch column.storage {
        case .boolean(let bits):
            if let kept {
                let gathered = Bitmap(kept.lazy.map { bits[Int($0)] })
                self = .boolean(gathered.words, gathered.count)
            } else if let validity {
                let gathered = Bitmap(rows.lazy.filter { validity[$0] }.map { bits[$0] })
                self = .boolean(gathered.words, gathered.count)
            } else {
                self = .boolean(bits.bits(rows), count)
            }
        case .int32(let values): self = .int32(present(values))
        case .int64(let values):
            if ColumnLayout(column.type).physical == .int32 {
                self = .int32(present(values).map { Int32(truncatingIfNeeded: $0) }[...])
            } else {
                self = .int64(present(values))
            }
        case .int128(let values): self = .int128(present(values))
        case .float(let values): self = .float(present(values))
        case .double(let values): self = .double(present(values))
        case .bytes(let values):
            if kept == nil && validity == nil {
                self = .texts(values.offsets[rows.lowerBound...rows.upperBound], values.bytes)
            } else {
                let texts = values.kept(kept ?? rows.filter { column.isNull($0) == false }.map { Int32($0) })
                self = .texts(texts.offsets[...], texts.bytes)
            }
        case .dictionary(let values):
            self = .dictionary(present(values.indices), values.dictionary)
        case .list, .structure, .map: preconditionFailure("a \(column.type) is not one value")
        }
    }

    var count: Int {
        switch self {
        case .boolean(_, let count): count
        case .int32(let values): values.count
        case .int64(let values): values.count
        case .int128(let values): values.count
        case .float(let values): values.count
        case .double(let values): values.count
        case .texts(let offsets, _): offsets.count - 1
        case .dictionary(let indices, _): indices.count
        }
    }

    /// The bytes that the values take in PLAIN, without lengths.
    var plainSize: Int {
        switch self {
        case .boolean(_, let count): (count + 7) / 8
        case .int32(let values): values.count * 4
        case .int64(let values): values.count * 8
        case .int128(let values): values.count * 16
        case .float(let values): values.count * 4
        case .double(let values): values.count * 8
        case .texts(let offsets, _): Int((offsets.last ?? 0) - (offsets.first ?? 0))
        case .dictionary(let indices, _): indices.count * 4
        }
    }

    /// Whether the values are texts of one length.
    var isOfOneLength: Bool {
        guard case .texts(let offsets, _) = self, offsets.count > 1 else { return false }
        let start = offsets.startIndex
        let length = offsets[start + 1] - offsets[start]
        for index in start..<(offsets.endIndex - 1) where offsets[index + 1] - offsets[index] != length {
            return false
        }
        return true
    }
}

extension ByteValues {
    /// The values at some rows, in rising order; the bytes stay where they are unless one that is left out has some.
    fileprivate func kept(_ rows: [Int32]) -> (offsets: [Int32], bytes: [UInt8]) {
        var ends: [Int32] = [rows.first.map { offsets[Int($0)] } ?? 0]
        ends.reserveCapacity(rows.count + 1)
        var isDense = true
        for row in rows {
            if offsets[Int(row)] != ends[ends.count - 1] { isDense = false }
            ends.append(offsets[Int(row) + 1])
        }
        if isDense { return (ends, bytes) }
        var copied = ByteValues()
        for row in rows {
            copied.bytes.append(contentsOf: self[Int(row)])
            copied.offsets.append(Int32(copied.bytes.count))
        }
        return (copied.offsets, copied.bytes)
    }
}

extension Bitmap {
    fileprivate init(_ bits: some Sequence<Bool>) {
        self.init()
        for bit in bits { append(bit) }
    }
}

extension PresentValues {
    /// The first half of the values, and the rest.
    var halves: (PresentValues, PresentValues) {
        let middle = count / 2
        func split<Value>(_ values: ArraySlice<Value>) -> (ArraySlice<Value>, ArraySlice<Value>) {
            (values.prefix(middle), values.dropFirst(middle))
        }
        switch self {
        case .boolean: preconditionFailure("booleans are not halved")
        case .int32(let values): return (.int32(split(values).0), .int32(split(values).1))
        case .int64(let values): return (.int64(split(values).0), .int64(split(values).1))
        case .int128(let values): return (.int128(split(values).0), .int128(split(values).1))
        case .float(let values): return (.float(split(values).0), .float(split(values).1))
        case .double(let values): return (.double(split(values).0), .double(split(values).1))
        case .texts(let offsets, let bytes):
            return (.texts(offsets.prefix(middle + 1), bytes), .texts(offsets.dropFirst(middle), bytes))
        case .dictionary(let indices, let texts):
            return (.dictionary(split(indices).0, texts), .dictionary(split(indices).1, texts))
        }
    }

    /// The same values, with the texts of a dictionary one after the other.
    var withoutDictionary: PresentValues {
        guard case .dictionary(let indices, let texts) = self else { return self }
        let decoded = DictionaryValues(indices: Array(indices), dictionary: texts).decoded
        return .texts(decoded.offsets[...], decoded.bytes)
    }
}

extension PresentValues {
    /// The one value that all of these are, or nil; looks no further than the first that differs.
    var constant: PresentValues? {
        func one<Value: Equatable>(_ values: ArraySlice<Value>) -> ArraySlice<Value>? {
            guard let first = values.first, values.allSatisfy({ $0 == first }) else { return nil }
            return values.prefix(1)
        }
        switch self {
        case .boolean: return nil
        case .int32(let values): return one(values).map { .int32($0) }
        case .int64(let values): return one(values).map { .int64($0) }
        case .int128(let values): return one(values).map { .int128($0) }
        // Zeros of both signs are equal and not the same; a column of nothing but them has a dictionary of two.
        case .float(let values): return values.first == 0 ? nil : one(values).map { .float($0) }
        case .double(let values): return values.first == 0 ? nil : one(values).map { .double($0) }
        case .dictionary(let indices, let texts):
            if texts.count == 1 { return .dictionary(indices.prefix(1), texts) }
            return one(indices).map { .dictionary($0, texts) }
        case .texts(let offsets, let bytes):
            guard offsets.count > 2 else { return offsets.count == 2 ? self : nil }
            let start = offsets.startIndex
            let first = bytes[Int(offsets[start])..<Int(offsets[start + 1])]
            for index in (start + 1)..<(offsets.endIndex - 1) {
                guard offsets[index + 1] - offsets[index] == first.count,
                    bytes[Int(offsets[index])..<Int(offsets[index + 1])] == first
                else { return nil }
            }
            return .texts(offsets.prefix(2), bytes)
        }
    }
}
