import ColumnBatches

/// Reads one column chunk, as far as its bytes are there, into the output of a batch.
///
/// The reader does no I/O: what it lacks it asks for.
final class LeafReader {
    let leaf: LeafColumn
    let chunk: ChunkMetadata
    let settings: LeafSettings
    /// Where the chunk ends.
    let end: Int
    /// The pages by the offset index, where it was read, and the parts of the file that hold those that are wanted.
    let pages: [PageLocation]
    let wanted: [Range<Int>]

    var window = ByteWindow()
    /// Where the next page begins.
    var position: Int
    var page: OpenPage?
    /// Decompressed bytes of the open page.
    var buffer: [UInt8] = []
    var dictionary: ValueArrays?
    /// The first row that is not read yet; of a repeated column, the number of rows that have begun.
    var row = 0
    /// The values that the pages so far have.
    var entries = 0
    private var hasJumped = false
    private var scratch = ValueArrays()
    private var indices = DictionaryIndices()
    private(set) var output: LeafOutput

    /// Values are decoded in blocks of this many, which stay in the cache.
    static let blockSize = 16_384

    init(_ leaf: LeafColumn, _ chunk: ChunkMetadata, _ settings: LeafSettings, _ selection: PageSelection?)
        throws(ParquetError)
    {
        self.leaf = leaf
        self.chunk = chunk
        self.settings = settings
        guard chunk.type == leaf.physical else {
            throw ParquetError(.damaged, message: "the column's type differs from the schema's")
        }
        guard chunk.filePath == nil else {
            throw ParquetError(
                .unsupportedType,
                message: "the column lies in another file, which is not supported"
            )
        }
        guard let codec = Codec(rawValue: chunk.codecNumber), codec.isSupported else {
            let name = Codec(rawValue: chunk.codecNumber).map { "\($0)" } ?? "\(chunk.codecNumber)"
            throw ParquetError(.unsupportedCodec, message: "the codec \(name) is not supported")
        }
        let start = min(chunk.dictionaryPageOffset ?? chunk.dataPageOffset, chunk.dataPageOffset)
        let (end, overflow) = start.addingReportingOverflow(chunk.compressedSize)
        guard start >= 0, chunk.compressedSize >= 0, !overflow, end <= settings.fileSize else {
            throw ParquetError(.damaged, message: "the column lies outside the file")
        }
        self.end = end
        position = start
        pages = selection?.pages ?? []
        wanted = selection?.wanted ?? []
        output = LeafOutput(leaf, wantsIndices: settings.keepsDictionaries)
    }

    /// Reads up to a row, and keeps the rows or passes over them.
    ///
    /// - Returns: The bytes without which it cannot go on, or nil when it is done.
    func advance(to target: Int, keeping keep: Bool) throws(ParquetError) -> Range<Int>? {
        if leaf.maxRepetition == 0 {
            while row < target {
                if !keep { jump(to: target) }
                guard let left = page?.left else {
                    if let need = try openPage(passingOverRowsTo: keep ? 0 : target) { return need }
                    continue
                }
                let count = min(target - row, left, Self.blockSize)
                let mark = output.mark
                try readFlat(count)
                if !keep { output.truncate(to: mark) }
                row += count
                if left == count { page = nil } else { page?.left -= count }
            }
            return nil
        }
        return try advanceRepeated(to: target, keeping: keep)
    }

    /// The output so far as a column with its levels; the next batch begins.
    func finishBatch() -> (column: Column, definitions: [UInt8], repetitions: [UInt8]) {
        let result = (output.column, output.definitions, output.repetitions)
        output = LeafOutput(leaf, wantsIndices: settings.keepsDictionaries)
        return result
    }

    /// Passes over whole pages, where the offset index tells where they begin.
    private func jump(to target: Int) {
        guard let first = pages.first, position >= first.offset else { return }
        var low = 0
        var high = pages.count
        while low < high {
            let middle = (low + high) / 2
            if pages[middle].firstRow <= target { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return }
        let location = pages[low - 1]
        guard location.firstRow > row, location.offset >= position else { return }
        page = nil
        position = location.offset
        row = location.firstRow
        hasJumped = true
    }

    /// Whether there is no further page.
    private var isExhausted: Bool {
        position >= end || (!hasJumped && entries >= chunk.valueCount)
    }

    private func reserve(_ rows: Int) {
        if output.slots == 0 { output.values.reserve(min(rows, 1 << 20), leaf.type.storage) }
    }

    // MARK: Columns without repetition

    private func readFlat(_ count: Int) throws(ParquetError) {
        guard var page else { return }
        self.page = nil
        defer { self.page = page }
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
                Self.append(levels, maximum, to: &bits)
            }
        }
        try readValues(present, slots: count, from: base, &page)
    }

    /// Adds a bit for each level, set where it is the highest; returns how many are.
    private static func append(_ levels: ArraySlice<UInt8>, _ maximum: UInt8, to bits: inout BitBuffer) -> Int
    {
        var present = 0
        var index = levels.startIndex
        while index < levels.endIndex {
            let stop = min(index + 64, levels.endIndex)
            var word: UInt64 = 0
            for place in index..<stop where levels[place] == maximum { word |= 1 &<< UInt64(place - index) }
            bits.append(word: word, count: stop - index)
            present += word.nonzeroBitCount
            index = stop
        }
        return present
    }

    // MARK: Repeated columns

    private func advanceRepeated(to target: Int, keeping keep: Bool) throws(ParquetError) -> Range<Int>? {
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

    private func readAhead() throws(ParquetError) {
        guard var page else { return }
        self.page = nil
        defer { self.page = page }
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
    private func countEntries(to target: Int) -> (count: Int, isBoundary: Bool) {
        guard let page else { return (0, false) }
        var index = page.taken
        while index < page.aheadRepetitions.count {
            if page.aheadRepetitions[index] == 0 {
                if row == target { return (index - page.taken, true) }
                row += 1
            }
            index += 1
        }
        return (index - page.taken, false)
    }

    private func readRepeated(_ count: Int) throws(ParquetError) {
        guard var page else { return }
        self.page = nil
        defer { self.page = page }
        let range = page.taken..<(page.taken + count)
        guard row > 0 else {
            throw ParquetError(.damaged, message: "the first page begins in the middle of a row")
        }
        let base = output.slots
        let slot = UInt8(leaf.slotDefinition)
        let maximum = UInt8(leaf.maxDefinition)
        var slots = 0
        let levels = page.aheadDefinitions
        for index in range where levels[index] >= slot { slots += 1 }
        output.definitions.append(contentsOf: levels[range])
        output.repetitions.append(contentsOf: page.aheadRepetitions[range])
        page.taken += count
        var present = slots
        if slots == range.count && levels[range].allSatisfy({ $0 == maximum }) {
            output.appendPresent(slots)
        } else {
            present = try output.appendSlots(slots) { bits in
                slots == range.count
                    ? Self.append(levels[range], maximum, to: &bits)
                    : Self.append(levels[range].filter { $0 >= slot }[...], maximum, to: &bits)
            }
        }
        try readValues(present, slots: slots, from: base, &page)
    }

    // MARK: Values

    /// Reads the values of some slots, of which `present` have one.
    private func readValues(_ present: Int, slots: Int, from base: Int, _ page: inout OpenPage)
        throws(ParquetError)
    {
        let bytes = page.areValuesBuffered ? buffer : page.bytes
        if page.values.isDictionary {
            try page.values.readIndices(present, of: bytes, to: &indices)
            if present > 0 { try lookUp() }
        } else if present > 0 {
            if output.indices != nil { try output.dropIndices(limit: settings.columnBytes) }
            if leaf.conversion == .none {
                try page.values.read(present, of: bytes, to: &output.values, limit: settings.columnBytes)
            } else {
                scratch.removeAll()
                try page.values.read(present, of: bytes, to: &scratch, limit: settings.columnBytes)
                try leaf.conversion.append(scratch, of: leaf, to: &output.values)
            }
        }
        if present < slots { output.spread(from: base, slots: slots) }
        guard output.byteCount <= settings.columnBytes else {
            throw ParquetError.tooLarge("values", settings.columnBytes)
        }
    }

    private func lookUp() throws(ParquetError) {
        guard let dictionary else {
            throw ParquetError(.damaged, message: "a page refers to a dictionary that is not there")
        }
        guard indices.bound <= dictionary.count(leaf.type.storage) else {
            throw ParquetError(.damaged, message: "an index lies outside the dictionary")
        }
        switch leaf.type.storage {
        case .int32: output.values.int32s.append(indices, of: dictionary.int32s)
        case .int64: output.values.int64s.append(indices, of: dictionary.int64s)
        case .int128: output.values.int128s.append(indices, of: dictionary.int128s)
        case .float: output.values.floats.append(indices, of: dictionary.floats)
        case .double: output.values.doubles.append(indices, of: dictionary.doubles)
        case .bytes:
            if output.indices != nil {
                output.dictionary = dictionary
                output.indices?.append(contentsOf: indices.values)
            } else {
                try output.values.appendTexts(indices, of: dictionary, limit: settings.columnBytes)
            }
        case .boolean, .list, .structure, .map:
            throw ParquetError(.damaged, message: "a page of booleans refers to a dictionary")
        }
    }
}

/// What the readers of all leaves of a row group have in common.
struct LeafSettings {
    var fileSize: Int
    var rowCount: Int
    var batchRows: Int
    var windowBytes: Int
    var pageBytes: Int
    var columnBytes: Int
    var keepsDictionaries: Bool
    var verifiesChecksums: Bool
    var decompressor: PageDecompressor
}
