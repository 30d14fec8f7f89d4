/// Columns without repetition: each level is a row.
extension LeafReader {
    func readFlat(_ count: Int) throws(ParquetError) {
        guard let page else { return }
        let base = output.slots
        if base == 0 { reserve(settings.batchRows) }
        let bytes = page.areLevelsBuffered ? buffer : page.bytes
        var present = count
        if try page.definitions.skipMaximum(count, of: bytes) {
            output.appendPresent(count)
            if output.keepsLevels {
                output.definitions.append(contentsOf: repeatElement(UInt8(leaf.maxDefinition), count: count))
            }
        } else if !output.keepsLevels {
            present = try output.appendSlots(count) { bits throws(ParquetError) in
                try page.definitions.readBits(count, of: bytes, to: &bits)
            }
        } else {
            let first = output.definitions.count
            try page.definitions.read(count, of: bytes, to: &output.definitions)
            let levels = output.definitions[first...]
            let maximum = UInt8(leaf.maxDefinition)
            present = try output.appendSlots(count) { bits in
                Self.appendBits(levels, maximum, to: &bits)
            }
        }
        try readValues(present, slots: count, from: base, page)
    }

    /// Adds a bit for each level, set where it is the highest; returns how many are.
    static func appendBits(_ levels: ArraySlice<UInt8>, _ maximum: UInt8, to bits: inout BitBuffer) -> Int {
        var present = 0
        var index = levels.startIndex
        while index < levels.endIndex {
            let stop = min(index + 64, levels.endIndex)
            var word: UInt64 = 0
            for place in index..<stop {
                word |= (levels[place] == maximum ? 1 : 0) &<< UInt64(place - index)
            }
            bits.append(word: word, count: stop - index)
            present += word.nonzeroBitCount
            index = stop
        }
        return present
    }
}
