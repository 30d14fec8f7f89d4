import ColumnBatches

/// Definition levels of a column that may be missing: one bit a row, in the hybrid of runs and packed groups.
enum LevelEncoder {
    static func encode(_ validity: Bitmap?, rows: Range<Int>, missing: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        guard let validity, missing > 0, missing < rows.count else {
            append(varint: UInt64(rows.count) &<< 1, to: &bytes)
            bytes.append(missing == 0 ? 1 : 0)
            return bytes
        }
        let groups = (rows.count + 7) / 8
        append(varint: UInt64(groups) &<< 1 | 1, to: &bytes)
        bytes.reserveCapacity(bytes.count + groups)
        if rows.lowerBound & 63 == 0 {
            let first = rows.lowerBound >> 6
            for group in 0..<groups {
                let word = validity.words[first + group >> 3]
                var byte = UInt8(truncatingIfNeeded: word &>> UInt64(8 * (group & 7)))
                let left = rows.count - group * 8
                if left < 8 { byte &= UInt8(truncatingIfNeeded: (1 << left) - 1) }
                bytes.append(byte)
            }
            return bytes
        }
        for group in 0..<groups {
            var byte: UInt8 = 0
            for bit in 0..<8 {
                let row = rows.lowerBound + group * 8 + bit
                if row < rows.upperBound && validity[row] { byte |= 1 << UInt8(bit) }
            }
            bytes.append(byte)
        }
        return bytes
    }

    private static func append(varint value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        bytes.append(UInt8(rest))
    }
}
