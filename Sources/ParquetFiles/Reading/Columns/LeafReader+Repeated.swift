/// Repeated columns: levels are read ahead to see where a row ends.
extension LeafReader {
    func advanceRepeated(to target: Int, keeping keep: Bool) throws(ParquetError) -> Range<Int>? {
        while true {
            if !keep && row < target { jump(to: target) }
            guard let open = page else {
                // Rows end with pages where there is an offset index; else only the next page tells.
                if row == target && (isExhausted || !pages.isEmpty) { return nil }
                guard !isExhausted else { throw Self.tooFewRows(row, target) }
                if let need = try openPage(passingOverRowsTo: 0) { return need }
                continue
            }
            if open.taken == open.aheadRepetitions.count {
                if open.left == 0 {
                    page = nil
                } else {
                    try readAhead()
                }
                continue
            }
            let (count, isBoundary) = countEntries(to: target)
            if count > 0 {
                let mark = output.mark
                try readRepeated(count)
                if !keep { output.truncate(to: mark) }
            }
            if isBoundary { return nil }
        }
    }

    private static func tooFewRows(_ row: Int, _ target: Int) -> ParquetError {
        ParquetError(.damaged, message: "the column ends after \(row) rows, before row \(target)")
    }

    func readAhead() throws(ParquetError) {
        guard let page else { return }
        let count = min(page.left, Self.blockSize)
        let bytes = page.areLevelsBuffered ? buffer : page.bytes
        page.aheadDefinitions.removeAll(keepingCapacity: true)
        page.aheadRepetitions.removeAll(keepingCapacity: true)
        page.taken = 0
        try page.repetitions.read(count, of: bytes, to: &page.aheadRepetitions)
        try page.definitions.read(count, of: bytes, to: &page.aheadDefinitions)
        page.left -= count
    }

    /// How many of the levels that are read ahead belong to rows before `target`, and whether row `target` follows.
    func countEntries(to target: Int) -> (count: Int, isBoundary: Bool) {
        guard let page else { return (0, false) }
        let levels = page.aheadRepetitions
        // Most often all of them do: then their zeros need only be counted.
        var begun = 0
        for index in page.taken..<levels.count { begun += levels[index] == 0 ? 1 : 0 }
        if begun <= target - row {
            row += begun
            return (levels.count - page.taken, false)
        }
        var index = page.taken
        while levels[index] != 0 || row < target {
            if levels[index] == 0 { row += 1 }
            index += 1
        }
        return (index - page.taken, true)
    }

    func readRepeated(_ count: Int) throws(ParquetError) {
        guard let page else { return }
        let range = page.taken..<(page.taken + count)
        guard row > 0 else {
            throw ParquetError(.damaged, message: "the first page begins in the middle of a row")
        }
        let base = output.slots
        let slot = UInt8(leaf.slotDefinition)
        let maximum = UInt8(leaf.maxDefinition)
        var slots = 0
        var present = 0
        let levels = page.aheadDefinitions
        for index in range {
            slots += levels[index] >= slot ? 1 : 0
            present += levels[index] == maximum ? 1 : 0
        }
        output.definitions.append(contentsOf: levels[range])
        output.repetitions.append(contentsOf: page.aheadRepetitions[range])
        page.taken += count
        if present == slots {
            output.appendPresent(slots)
        } else {
            let ofSlots = slots == count ? levels[range] : levels[range].filter { $0 >= slot }[...]
            _ = try output.appendSlots(slots) { bits in Self.appendBits(ofSlots, maximum, to: &bits) }
        }
        try readValues(present, slots: slots, from: base, page)
    }
}
