import ColumnBatches

/// The part of a batch that comes from one leaf, while it grows.
struct LeafOutput {
    let type: ColumnType
    /// Whether columns around the leaf are put together from its levels.
    let keepsLevels: Bool
    var values = ValueArrays()
    /// Which slots have a value; nil as long as all have.
    var validity: BitBuffer?
    /// The places for a value: the rows, or the elements of the innermost list.
    private(set) var slots = 0
    var definitions: [UInt8] = []
    var repetitions: [UInt8] = []
    /// Positions in `dictionary` in place of texts, where those are wanted and all pages so far have them.
    var indices: [UInt32]?
    var dictionary: ValueArrays?

    init(_ leaf: LeafColumn, wantsIndices: Bool) {
        type = leaf.type
        keepsLevels = leaf.path.count > 1 || leaf.maxRepetition > 0
        if wantsIndices && leaf.type.storage == .bytes { indices = [] }
    }

    /// Where the output stands, to come back to when rows are passed over.
    struct Mark {
        var slots: Int
        var definitions: Int
        var repetitions: Int
    }

    var mark: Mark { Mark(slots: slots, definitions: definitions.count, repetitions: repetitions.count) }

    mutating func truncate(to mark: Mark) {
        if indices == nil {
            values.truncate(to: mark.slots, type.storage)
        } else {
            indices?.removeLast(slots - mark.slots)
        }
        validity?.truncate(to: mark.slots)
        definitions.removeLast(definitions.count - mark.definitions)
        repetitions.removeLast(repetitions.count - mark.repetitions)
        slots = mark.slots
    }

    /// Adds slots that all have a value.
    mutating func appendPresent(_ count: Int) {
        validity?.append(repeating: true, count: count)
        slots += count
    }

    /// Adds slots whose bits a closure appends.
    mutating func appendSlots(
        _ count: Int,
        _ body: (inout BitBuffer) throws(ParquetError) -> Int
    ) throws(ParquetError) -> Int {
        var bits = validity ?? BitBuffer(count: slots)
        validity = nil
        let present = try body(&bits)
        validity = bits
        slots += count
        return present
    }

    /// Gives the values from `base` on their slots, where some have none.
    mutating func spread(from base: Int, slots count: Int) {
        guard let validity else { return }
        switch type.storage {
        case .boolean: spreadBooleans(from: base, slots: count, validity)
        case .int32: values.int32s.spread(from: base, slots: count, validity, at: base, zero: 0)
        case .int64: values.int64s.spread(from: base, slots: count, validity, at: base, zero: 0)
        case .int128: values.int128s.spread(from: base, slots: count, validity, at: base, zero: 0)
        case .float: values.floats.spread(from: base, slots: count, validity, at: base, zero: 0)
        case .double: values.doubles.spread(from: base, slots: count, validity, at: base, zero: 0)
        case .bytes:
            if indices == nil {
                values.spreadTexts(from: base, slots: count, validity, at: base)
            } else {
                indices?.spread(from: base, slots: count, validity, at: base, zero: 0)
            }
        case .list, .structure, .map: break
        }
    }

    private mutating func spreadBooleans(from base: Int, slots count: Int, _ validity: BitBuffer) {
        let dense = values.booleans
        values.booleans.truncate(to: base)
        var next = base
        for slot in base..<(base + count) {
            let isPresent = validity[slot]
            values.booleans.append(isPresent && dense[next])
            if isPresent { next += 1 }
        }
    }

    /// Turns positions into texts, when a page without a dictionary follows.
    mutating func dropIndices(limit: Int) throws(ParquetError) {
        guard let indices else { return }
        self.indices = nil
        guard let dictionary else {
            // No page had a value yet.
            values.offsets = Array(repeating: 0, count: indices.count + 1)
            return
        }
        self.dictionary = nil
        let present = validity.map { validity in indices.indices.filter { validity[$0] }.map { indices[$0] } }
        try values.appendTexts(DictionaryIndices(present ?? indices), of: dictionary, limit: limit)
        if let validity { values.spreadTexts(from: 0, slots: indices.count, validity, at: 0) }
    }

    /// The bytes that the output takes.
    var byteCount: Int {
        let size =
            switch type.storage {
            case .boolean: slots / 8
            case .int32, .float: slots * 4
            case .int64, .double: slots * 8
            case .int128: slots * 16
            case .bytes, .list, .structure, .map: slots * 4 + values.bytes.count
            }
        return size + definitions.count + repetitions.count
    }

    /// The values as a column.
    var column: Column {
        let storage: ColumnStorage
        if let indices, let dictionary, dictionary.offsets.count > 1 {
            storage = .dictionary(
                DictionaryValues(
                    indices: indices,
                    dictionary: ByteValues(offsets: dictionary.offsets, bytes: dictionary.bytes)
                )
            )
        } else if indices != nil {
            // No page had a value.
            storage = .bytes(ByteValues(offsets: Array(repeating: 0, count: slots + 1), bytes: []))
        } else {
            storage = values.columnStorage(type.storage)
        }
        return Column(type: type, storage: storage, validity: validity?.bitmap)
    }
}
