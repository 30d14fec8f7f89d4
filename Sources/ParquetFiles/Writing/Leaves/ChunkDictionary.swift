import ColumnBatches

/// The distinct values of a chunk.
struct ChunkDictionary {
    private var numbers: NumberDictionary?
    private var texts: TextDictionary?
    private let layout: ColumnLayout
    /// For the last dictionary that came with a page: the position here of each of its texts, or none yet.
    private var mapping: [UInt32] = []
    private var mapped: ByteValues?

    init(_ layout: ColumnLayout) {
        self.layout = layout
    }

    /// The number of distinct values.
    var count: Int { numbers?.count ?? texts?.count ?? 0 }

    /// The bytes of the dictionary in PLAIN.
    var byteCount: Int {
        if let numbers {
            return numbers.count * (layout.physical == .int32 || layout.physical == .float ? 4 : 8)
        }
        guard let texts else { return 0 }
        return texts.byteCount + (layout.physical == .byteArray ? texts.count * 4 : 0)
    }

    /// Adds the positions of some values to `indices`; new values are added here.
    mutating func intern(_ values: PresentValues, into indices: inout [UInt32]) {
        switch values {
        case .boolean: preconditionFailure("booleans have no dictionary")
        case .int32(let values): numberDictionary().intern(values, into: &indices)
        case .int64(let values): numberDictionary().intern(values, into: &indices)
        case .float(let values): numberDictionary().intern(values, into: &indices)
        case .double(let values): numberDictionary().intern(values, into: &indices)
        case .int128(let values):
            let page = PageBuffer(capacity: values.count * layout.fixedLength + 1)
            page.append(bigEndian: values, width: layout.fixedLength)
            var bytes: [UInt8] = []
            page.appendTo(&bytes)
            let offsets = (0...values.count).map { Int32($0 * layout.fixedLength) }
            textDictionary().intern(offsets[...], bytes, into: &indices)
        case .texts(let offsets, let bytes): textDictionary().intern(offsets, bytes, into: &indices)
        case .dictionary(let positions, let dictionary): map(positions, dictionary, into: &indices)
        }
    }

    /// Adds the positions of texts that came with a dictionary: each of its texts is looked up once.
    private mutating func map(
        _ positions: ArraySlice<UInt32>,
        _ dictionary: ByteValues,
        into indices: inout [UInt32]
    ) {
        let texts = textDictionary()
        if mapped.map({ SharedStorage.isSame($0, dictionary) }) != true {
            mapped = dictionary
            mapping = Array(repeating: .max, count: dictionary.count)
        }
        for position in Extremes.used(positions, of: dictionary.count) where mapping[Int(position)] == .max {
            mapping[Int(position)] = texts.intern(dictionary[Int(position)])
        }
        Remapping.append(positions, by: mapping, to: &indices)
    }

    /// The values as a page of PLAIN.
    func append(to page: PageBuffer) {
        if let numbers {
            if layout.physical == .int32 || layout.physical == .float {
                page.append(plain: numbers.values.map { UInt32(truncatingIfNeeded: $0) }[...])
            } else {
                page.append(plain: numbers.values[...])
            }
        } else if let texts {
            if layout.physical == .byteArray {
                page.append(plain: texts.offsets[...], bytes: texts.bytes)
            } else {
                page.append(texts.bytes[...])
            }
        }
    }

    /// The bounds of the values at some positions.
    func bounds(of indices: ArraySlice<UInt32>, type: ColumnType) -> ValueBounds {
        let used = Extremes.used(indices, of: count)
        if let texts, layout.physical == .byteArray {
            return ValueBounds(texts: texts.offsets, texts.bytes, used: used)
        }
        guard let numbers else { return .none }
        let values = numbers.values
        switch layout.physical {
        case .int32:
            return ValueBounds(
                .int32(used.map { Int32(truncatingIfNeeded: values[Int($0)]) }[...]),
                type: type
            )
        case .float:
            let floats = used.map { Float(bitPattern: UInt32(truncatingIfNeeded: values[Int($0)])) }
            return ValueBounds(.float(floats[...]), type: type)
        case .double:
            return ValueBounds(.double(used.map { Double(bitPattern: values[Int($0)]) }[...]), type: type)
        default:
            return ValueBounds(.int64(used.map { Int64(bitPattern: values[Int($0)]) }[...]), type: type)
        }
    }

    private mutating func numberDictionary() -> NumberDictionary {
        if let numbers { return numbers }
        let made = NumberDictionary()
        numbers = made
        return made
    }

    private mutating func textDictionary() -> TextDictionary {
        if let texts { return texts }
        let made = TextDictionary()
        texts = made
        return made
    }
}
