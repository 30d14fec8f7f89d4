import ColumnBatches

/// The values of a block of levels: decoded, looked up, given their slots.
extension LeafReader {
    /// Reads the values of some slots, of which `present` have one.
    func readValues(_ present: Int, slots: Int, from base: Int, _ page: OpenPage)
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

    func lookUp() throws(ParquetError) {
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

    func reserve(_ rows: Int) {
        if output.slots == 0 { output.values.reserve(min(rows, 1 << 20), leaf.type.storage) }
    }
}
