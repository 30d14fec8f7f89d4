/// 128 bits that stand for the content of a row; equal rows have equal digests under the same seed.
public struct RowDigest: Sendable, Hashable {
    /// The first half.
    public var high: UInt64
    /// The second half.
    public var low: UInt64
}

/// Computes digests of rows; all rows that are to be compared take the same digester.
public struct RowDigester: Sendable {
    private let seed: UInt64

    /// Makes a digester with a seed of its own.
    public init() {
        seed = UInt64.random(in: .min ... .max)
    }

    /// The digest of a row of some columns, missing values included.
    public func digest(_ columns: [Column], row: Int) -> RowDigest {
        var state = State(seed: seed)
        for column in columns { state.add(column, row) }
        return RowDigest(high: state.high, low: state.low)
    }

    /// Two multiply-and-fold chains with different multipliers; a field's tag tells it from a missing one.
    private struct State {
        var high: UInt64
        var low: UInt64

        init(seed: UInt64) {
            high = seed
            low = ~seed &+ 0x1656_67B1_9E37_79F9
        }

        mutating func add(_ column: Column, _ row: Int) {
            if column.isNull(row) { return add(0xDEAD_0000_0000_0001) }
            switch column.storage {
            case .boolean(let values): add(values[row] ? 1 : 0)
            case .int32(let values): add(UInt64(bitPattern: Int64(values[row])))
            case .int64(let values): add(UInt64(bitPattern: values[row]))
            case .int128(let values):
                add(UInt64(truncatingIfNeeded: values[row]))
                add(UInt64(truncatingIfNeeded: values[row] >> 64))
            case .float(let values): add(UInt64(values[row].bitPattern))
            case .double(let values): add(values[row].bitPattern)
            case .bytes(let values): add(values, row)
            case .dictionary(let values): add(values.dictionary, Int(values.indices[row]))
            case .list(let values):
                add(0x1157_0000_0000_0000 | UInt64(values[row].count))
                for element in values[row] { add(values.elements, element) }
            case .structure(let values):
                for field in values.fields { add(field, row) }
            case .map(let values):
                add(0x3A90_0000_0000_0000 | UInt64(values[row].count))
                for pair in values[row] {
                    add(values.keys, pair)
                    add(values.values, pair)
                }
            }
        }

        mutating func add(_ word: UInt64) {
            let first = (high ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
            high = (first.high ^ first.low) &+ 0x2545_F491_4F6C_DD1D
            let second = (low ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
            low = (second.high ^ second.low) &+ 0x9E6C_63D0_876A_3F6B
        }

        mutating func add(_ values: ByteValues, _ row: Int) {
            let start = Int(values.offsets[row])
            let end = Int(values.offsets[row + 1])
            add(0xBEEF_0000_0000_0000 | UInt64(end - start))
            var index = start
            while index < end {
                var word: UInt64 = 0
                var shift: UInt64 = 0
                let stop = min(index + 8, end)
                while index < stop {
                    word |= UInt64(values.bytes[index]) &<< shift
                    shift += 8
                    index += 1
                }
                add(word)
            }
        }
    }
}
