import ColumnBatches

/// Definition and repetition levels as the pages of version 1 have them: the length, then runs and packed groups.
enum LevelEncoder {
    /// Definition levels of a column of its own: one bit a row.
    static func append(_ validity: Bitmap?, rows: Range<Int>, missing: Int, to page: PageBuffer) {
        withLength(page) {
            guard let validity, missing > 0, missing < rows.count else {
                page.append(run: missing == 0 ? 1 : 0, count: rows.count, width: 1)
                return
            }
            // The bits of the bitmap are the packed groups.
            let groups = (rows.count + 7) / 8
            page.append(varint: UInt64(groups) &<< 1 | 1)
            let words = validity.bits(rows)
            page.append(plain: words[..<(groups / 8)])
            for group in (groups / 8 * 8)..<groups {
                page.append(UInt8(truncatingIfNeeded: words[group / 8] &>> UInt64(8 * (group & 7))))
            }
        }
    }

    /// Levels of nested columns.
    static func append(_ levels: [UInt8], maximum: Int, to page: PageBuffer) {
        withLength(page) {
            page.append(hybrid: levels[...], width: Int.bitWidth - maximum.leadingZeroBitCount)
        }
    }

    private static func withLength(_ page: PageBuffer, _ body: () -> Void) {
        let start = page.count
        page.append(little: 0)
        body()
        page.replace(at: start, little: UInt32(page.count - start - 4))
    }
}

extension Bitmap {
    /// The bits of some rows from bit 0 on; bits past the last are zero.
    func bits(_ rows: Range<Int>) -> [UInt64] {
        let wordCount = (rows.count + 63) / 64
        let first = rows.lowerBound >> 6
        let shift = UInt64(rows.lowerBound & 63)
        var result: [UInt64] = []
        result.reserveCapacity(wordCount)
        for index in 0..<wordCount {
            var word = words[first + index] &>> shift
            if shift > 0 && first + index + 1 < words.count {
                word |= words[first + index + 1] &<< (64 - shift)
            }
            result.append(word)
        }
        if rows.count & 63 != 0 { result[wordCount - 1] &= (1 &<< UInt64(rows.count & 63)) &- 1 }
        return result
    }
}
