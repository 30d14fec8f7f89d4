import ColumnBatches

extension BloomFilter {
    /// Adds the hashes of a page's values, each by its bytes in PLAIN, without a length.
    static func hash(_ values: PresentValues, _ layout: ColumnLayout, into hashes: inout [UInt64]) {
        switch values {
        case .boolean: break
        case .int32(let numbers):
            for number in numbers { hashes.append(XXHash64.hash(UInt32(bitPattern: number))) }
        case .int64(let numbers):
            for number in numbers { hashes.append(XXHash64.hash(UInt64(bitPattern: number))) }
        case .int128(let numbers):
            for number in numbers {
                let bytes = (0..<layout.fixedLength).reversed().map {
                    UInt8(truncatingIfNeeded: number >> Int128(8 * $0))
                }
                hashes.append(XXHash64.hash(bytes[...]))
            }
        case .float(let numbers): for number in numbers { hashes.append(XXHash64.hash(number.bitPattern)) }
        case .double(let numbers): for number in numbers { hashes.append(XXHash64.hash(number.bitPattern)) }
        case .texts(let offsets, let bytes):
            for index in offsets.indices.dropLast() {
                hashes.append(XXHash64.hash(bytes[Int(offsets[index])..<Int(offsets[index + 1])]))
            }
        case .dictionary(let indices, let texts):
            for index in Extremes.used(indices, of: texts.count) {
                hashes.append(XXHash64.hash(texts[Int(index)]))
            }
        }
    }
}
