import ColumnBatches

/// The numbers of whole-number keys by their value: rows without a key near them are passed over by the block, for the others
/// one multiplication and, mostly, one look tell that a key is not there.
struct NumberProbe {
    private var keys: [Int64]
    private var numbers: [Int32]
    private let shift: UInt64
    private let seed = UInt64.random(in: .min ... .max)
    /// The keys, ascending.
    private let sorted: [Int64]

    private static let blockRows = 16

    /// Makes a probe of distinct keys; the number of each is its position.
    ///
    /// - Parameters:
    ///   - values: The keys.
    ///   - sorted: The same, ascending.
    init(_ values: [Int64], sorted: [Int64]) {
        var bits: UInt64 = 4
        while 1 << bits < values.count * 4 { bits += 1 }
        shift = 64 - bits
        keys = Array(repeating: 0, count: 1 << Int(bits))
        numbers = Array(repeating: -1, count: 1 << Int(bits))
        self.sorted = sorted
        for (number, key) in values.enumerated() {
            var slot = slot(of: key)
            while numbers[slot] >= 0 { slot = (slot + 1) & (numbers.count - 1) }
            keys[slot] = key
            numbers[slot] = Int32(number)
        }
    }

    private func slot(of key: Int64) -> Int {
        Int(truncatingIfNeeded: ((UInt64(bitPattern: key) ^ seed) &* 0x9E37_79B9_7F4A_7C15) &>> shift)
    }

    private func number(of key: Int64) -> Int? {
        var slot = slot(of: key)
        while numbers[slot] >= 0 {
            if keys[slot] == key { return Int(numbers[slot]) }
            slot = (slot + 1) & (numbers.count - 1)
        }
        return nil
    }

    /// Adds the rows of a column whose values are among the keys.
    func find(in column: Column, into found: inout [(row: Int, number: Int)]) {
        switch column.storage {
        case .int64(let values): find(values, column.validity, &found)
        case .int32(let values): find(values, column.validity, &found)
        default: break
        }
    }

    @specialized(where Value == Int64)
    @specialized(where Value == Int32)
    private func find<Value: FixedWidthInteger>(
        _ values: [Value],
        _ validity: Bitmap?,
        _ found: inout [(row: Int, number: Int)]
    ) {
        unsafe values.withUnsafeBufferPointer { values in
            var next = 0  // of the sorted keys, the first that is not below the block
            var start = 0
            while start < values.count {
                let end = min(start + Self.blockRows, values.count)
                var low = unsafe values[start]
                var high = low
                for row in start..<end {
                    let value = unsafe values[row]
                    low = min(low, value)
                    high = max(high, value)
                }
                next = firstKey(notBelow: Int64(truncatingIfNeeded: low), near: next)
                if next < sorted.count, sorted[next] <= Int64(truncatingIfNeeded: high) {
                    for row in start..<end {
                        if let number = number(of: Int64(truncatingIfNeeded: unsafe values[row])),
                            validity?[row] ?? true
                        {
                            found.append((row, number))
                        }
                    }
                }
                start = end
            }
        }
    }

    /// The position of the first sorted key that is not below a value; rows mostly ascend, so the search begins at the last.
    private func firstKey(notBelow value: Int64, near last: Int) -> Int {
        var (low, high) = (0, sorted.count)
        if last == 0 || sorted[last - 1] < value {
            low = last
            var step = 1
            while low + step <= sorted.count, sorted[low + step - 1] < value {
                low += step
                step *= 2
            }
            high = min(low + step - 1, sorted.count)
        } else {
            high = last
        }
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
