import ColumnBatches

/// Leaves out missing values.
enum Compaction {
    /// The values of some rows whose bit is set.
    ///
    /// Each row's value is stored at the next place, which only moves on when the bit is set; so the last store may be one
    /// past the kept values, for which there is room. Rows and words are checked before.
    static func present<Value: BitwiseCopyable>(
        _ values: [Value],
        rows: Range<Int>,
        _ validity: Bitmap
    ) -> [Value] {
        precondition(
            rows.lowerBound >= 0 && rows.upperBound <= values.count && rows.upperBound <= validity.count
        )
        return unsafe values.withUnsafeBufferPointer { source in
            unsafe validity.words.withUnsafeBufferPointer { words in
                unsafe [Value](unsafeUninitializedCapacity: rows.count + 1) { target, count in
                    for row in rows {
                        unsafe target.baseAddress?.advanced(by: count).initialize(to: source[row])
                        count &+= unsafe Int(truncatingIfNeeded: words[row &>> 6] &>> UInt64(row & 63) & 1)
                    }
                }
            }
        }
    }

    /// The values at some rows.
    static func gather<Value>(_ values: [Value], _ rows: [Int32]) -> [Value] {
        rows.map { values[Int($0)] }
    }
}
