/// DELTA_BINARY_PACKED: differences of neighbours, less the least of a block, packed in blocks of 4 × 32.
///
/// The stack buffers hold exactly the values of a block or a miniblock; all indices stay below their lengths.
enum DeltaEncoder {
    private static let blockSize = 128
    private static let miniblockSize = 32

    static func encode(_ values: ArraySlice<Int64>, into buffer: PageBuffer) {
        unsafe values.withUnsafeBufferPointer { values in
            encode(count: values.count, into: buffer) { unsafe values[$0] }
        }
    }

    static func encode(_ values: ArraySlice<Int32>, into buffer: PageBuffer) {
        unsafe values.withUnsafeBufferPointer { values in
            encode(count: values.count, into: buffer, wraps32: true) { unsafe Int64(values[$0]) }
        }
    }

    @inline(__always)
    private static func encode(
        count: Int,
        into buffer: PageBuffer,
        wraps32: Bool = false,
        _ value: (Int) -> Int64
    ) {
        buffer.append(varint: UInt64(blockSize))
        buffer.append(varint: UInt64(blockSize / miniblockSize))
        buffer.append(varint: UInt64(count))
        guard count > 0 else { return buffer.append(zigzag: 0) }
        var previous = value(0)
        buffer.append(zigzag: previous)
        unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: blockSize) { deltas in
            var start = 1
            while start < count {
                let size = min(blockSize, count - start)
                var least = Int64.max
                for index in 0..<size {
                    let next = value(start + index)
                    var delta = next &- previous
                    if wraps32 { delta = Int64(Int32(truncatingIfNeeded: delta)) }
                    unsafe deltas[index] = UInt64(bitPattern: delta)
                    least = min(least, delta)
                    previous = next
                }
                buffer.append(zigzag: least)
                for index in 0..<size {
                    var rest = unsafe deltas[index] &- UInt64(bitPattern: least)
                    if wraps32 { rest &= 0xFFFF_FFFF }
                    unsafe deltas[index] = rest
                }
                for index in size..<blockSize { unsafe deltas[index] = 0 }
                var widths: (Int, Int, Int, Int) = (0, 0, 0, 0)
                for part in 0..<4 {
                    var all: UInt64 = 0
                    for index in (part * miniblockSize)..<((part + 1) * miniblockSize) {
                        all |= unsafe deltas[index]
                    }
                    let width = 64 - all.leadingZeroBitCount
                    buffer.append(UInt8(width))
                    switch part {
                    case 0: widths.0 = width
                    case 1: widths.1 = width
                    case 2: widths.2 = width
                    default: widths.3 = width
                    }
                }
                for part in 0..<4 where part * miniblockSize < size {
                    let width = part == 0 ? widths.0 : part == 1 ? widths.1 : part == 2 ? widths.2 : widths.3
                    let miniblock = unsafe UnsafeBufferPointer(
                        rebasing: deltas[(part * miniblockSize)..<((part + 1) * miniblockSize)]
                    )
                    unsafe buffer.append(packed: miniblock, width: width)
                }
                start += size
            }
        }
    }
}
