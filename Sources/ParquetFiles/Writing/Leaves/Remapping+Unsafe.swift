import ColumnBatches

/// Positions of one dictionary as positions of another.
enum Remapping {
    /// Adds `mapping[position]` for each position; they were checked to lie within.
    static func append(_ positions: ArraySlice<UInt32>, by mapping: [UInt32], to indices: inout [UInt32]) {
        if positions.isEmpty { return }
        if mapping.count == 1 {
            indices.append(contentsOf: repeatElement(mapping[0], count: positions.count))
            return
        }
        unsafe mapping.withUnsafeBufferPointer { mapping in
            unsafe positions.withUnsafeBufferPointer { positions in
                unsafe indices.extend(by: positions.count) { target in
                    for index in positions.indices {
                        let position = unsafe Int(positions[index])
                        precondition(position < mapping.count, "a position lies outside the dictionary")
                        unsafe target[index] = unsafe mapping[position]
                    }
                }
            }
        }
    }
}

/// Whether two columns lie in the same memory.
enum SharedStorage {
    /// Compares addresses and sizes; nothing is read through them.
    static func isSame(_ left: ByteValues, _ right: ByteValues) -> Bool {
        let sameOffsets = unsafe left.offsets.withUnsafeBufferPointer { left in
            unsafe right.offsets.withUnsafeBufferPointer {
                unsafe left.baseAddress == $0.baseAddress && left.count == $0.count
            }
        }
        return unsafe sameOffsets
            && left.bytes.withUnsafeBufferPointer { left in
                unsafe right.bytes.withUnsafeBufferPointer {
                    unsafe left.baseAddress == $0.baseAddress && left.count == $0.count
                }
            }
    }
}
