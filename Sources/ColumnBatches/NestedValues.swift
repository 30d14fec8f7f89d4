/// Texts that repeat: value `i` is text `indices[i]` of the distinct ones.
public struct DictionaryValues: Sendable {
    /// For each value its position in `dictionary`; anything within it for a missing one.
    public var indices: [UInt32]
    /// The distinct values.
    public var dictionary: ByteValues

    /// Makes values of indices and a dictionary.
    ///
    /// - Precondition: every index lies within the dictionary.
    public init(indices: [UInt32], dictionary: ByteValues) {
        let count = dictionary.count
        precondition(indices.allSatisfy { Int($0) < count }, "an index lies outside the dictionary")
        self.indices = indices
        self.dictionary = dictionary
    }

    /// The number of values.
    public var count: Int { indices.count }

    /// The bytes of one value.
    @inlinable
    public subscript(index: Int) -> ArraySlice<UInt8> { dictionary[Int(indices[index])] }

    /// The same values one after the other.
    public var decoded: ByteValues {
        var values = ByteValues()
        values.offsets.reserveCapacity(indices.count + 1)
        for index in indices {
            values.bytes.append(contentsOf: dictionary[Int(index)])
            values.offsets.append(Int32(values.bytes.count))
        }
        return values
    }
}

/// Lists: value `i` is the elements `offsets[i] ..< offsets[i + 1]`; a missing list has none.
public struct ListValues: Sendable {
    /// One offset more than there are lists; starts at 0 and never falls.
    public var offsets: [Int32]
    /// The elements of all lists, one after the other.
    public var elements: Column

    /// Makes lists of offsets and elements.
    ///
    /// - Precondition: the offsets start at 0 and the last one is the number of elements.
    public init(offsets: [Int32], elements: Column) {
        precondition(
            offsets.first == 0 && offsets.last.map(Int.init) == elements.count,
            "offsets do not span the elements"
        )
        self.offsets = offsets
        self.elements = elements
    }

    /// The number of lists.
    public var count: Int { offsets.count - 1 }

    /// The positions of the elements of a list.
    public subscript(index: Int) -> Range<Int> { Int(offsets[index])..<Int(offsets[index + 1]) }
}

/// Structures: one column for each field; the fields of a missing structure are missing.
public struct StructureValues: Sendable {
    /// A column for each field, all of `count` values.
    public var fields: [Column]
    /// The number of structures; also where there is no field.
    public var count: Int

    /// Makes structures of their fields.
    ///
    /// - Precondition: every field has `count` values.
    public init(fields: [Column], count: Int) {
        precondition(fields.allSatisfy { $0.count == count }, "a field has another length")
        self.fields = fields
        self.count = count
    }
}

/// Maps: value `i` is the pairs `offsets[i] ..< offsets[i + 1]` of keys and values; a missing map has none.
public struct MapValues: Sendable {
    /// One offset more than there are maps; starts at 0 and never falls.
    public var offsets: [Int32]
    /// The keys of all maps, one after the other; none is missing.
    public var keys: Column
    /// The value of each key.
    public var values: Column

    /// Makes maps of offsets, keys and values.
    ///
    /// - Precondition: the offsets start at 0, the last one is the number of keys, and there is a value for each key.
    public init(offsets: [Int32], keys: Column, values: Column) {
        precondition(
            offsets.first == 0 && offsets.last.map(Int.init) == keys.count && keys.count == values.count,
            "offsets do not span keys and values"
        )
        self.offsets = offsets
        self.keys = keys
        self.values = values
    }

    /// The number of maps.
    public var count: Int { offsets.count - 1 }

    /// The positions of the pairs of a map.
    public subscript(index: Int) -> Range<Int> { Int(offsets[index])..<Int(offsets[index + 1]) }
}
