import ColumnBatches

/// The levels of a nested leaf over some rows, and where its values lie.
struct LeafSlots {
    private(set) var definition: [UInt8]
    private(set) var repetition: [UInt8]
    /// For each slot the row of the leaf's column; -1 where there is no value.
    private var positions: [Int32]
    /// The leaf's column, and the rows of it that the slots span.
    private(set) var column: Column
    private(set) var span: Range<Int>

    /// Follows the way from a column to a leaf, a level at a time for all rows.
    init(_ column: Column, rows: Range<Int>, leaf: WriterLeaf) throws(ParquetError) {
        definition = Array(repeating: 0, count: rows.count)
        repetition = definition
        positions = rows.map { Int32($0) }
        self.column = column
        span = rows
        var level: UInt8 = 0
        for step in leaf.steps {
            switch (step, self.column.storage) {
            case (.optional, _): passOptional()
            case (.required, _): try passRequired(leaf)
            case (.field(let index), .structure(let values)): self.column = values.fields[index]
            case (.elements, .list(let values)):
                level += 1
                expand(values.offsets, level)
                self.column = values.elements
            case (.keys, .map(let values)):
                level += 1
                expand(values.offsets, level)
                self.column = values.keys
            case (.values, .map(let values)):
                level += 1
                expand(values.offsets, level)
                self.column = values.values
            default: preconditionFailure("\(self.column.type) on the way to \(leaf.name)")
            }
        }
    }

    /// The number of slots.
    var count: Int { definition.count }

    /// The values that are there.
    var values: PresentValues {
        let kept = positions.filter { $0 >= 0 }
        if kept.count == span.count { return PresentValues(column, rows: span, kept: nil) }
        return PresentValues(column, rows: span, kept: kept)
    }

    private mutating func passOptional() {
        guard let validity = column.validity else {
            for index in definition.indices where positions[index] >= 0 { definition[index] &+= 1 }
            return
        }
        for index in definition.indices where positions[index] >= 0 {
            if validity[Int(positions[index])] { definition[index] &+= 1 } else { positions[index] = -1 }
        }
    }

    private func passRequired(_ leaf: WriterLeaf) throws(ParquetError) {
        guard let validity = column.validity else { return }
        guard positions.allSatisfy({ $0 < 0 || validity[Int($0)] }) else {
            throw ParquetError(
                .missingValue,
                column: leaf.name,
                message: "there must be a value wherever there is room for one"
            )
        }
    }

    /// One slot for each element; lists that are missing or empty keep theirs.
    private mutating func expand(_ offsets: [Int32], _ level: UInt8) {
        let capacity = Int(offsets[span.upperBound] - offsets[span.lowerBound]) + count
        var wider = (definition: [UInt8](), repetition: [UInt8](), positions: [Int32]())
        wider.definition.reserveCapacity(capacity)
        wider.repetition.reserveCapacity(capacity)
        wider.positions.reserveCapacity(capacity)
        for index in definition.indices {
            let position = Int(positions[index])
            let start = position < 0 ? 0 : offsets[position]
            let end = position < 0 ? 0 : offsets[position + 1]
            wider.repetition.append(repetition[index])
            guard start < end else {
                wider.definition.append(definition[index])
                wider.positions.append(-1)
                continue
            }
            let length = Int(end - start)
            wider.definition.append(contentsOf: repeatElement(definition[index] + 1, count: length))
            wider.repetition.append(contentsOf: repeatElement(level, count: length - 1))
            wider.positions.append(contentsOf: start..<end)
        }
        (definition, repetition, positions) = wider
        span = Int(offsets[span.lowerBound])..<Int(offsets[span.upperBound])
    }
}

extension WriterLeaf {
    /// About the bytes that some rows of the leaf's column take; found without looking at the values.
    func byteCount(of column: Column, rows: Range<Int>) -> Int {
        var column = column
        var rows = rows
        for step in steps {
            switch (step, column.storage) {
            case (.field(let index), .structure(let values)): column = values.fields[index]
            case (.elements, .list(let values)):
                rows = Int(values.offsets[rows.lowerBound])..<Int(values.offsets[rows.upperBound])
                column = values.elements
            case (.keys, .map(let values)), (.values, .map(let values)):
                rows = Int(values.offsets[rows.lowerBound])..<Int(values.offsets[rows.upperBound])
                column = step == .keys ? values.keys : values.values
            default: break
            }
        }
        switch column.storage {
        case .bytes(let values):
            return Int(values.offsets[rows.upperBound] - values.offsets[rows.lowerBound]) + 4 * rows.count
        case .boolean: return rows.count / 8
        case .int32, .float, .dictionary: return rows.count * 4
        case .int128: return rows.count * 16
        default: return rows.count * 8
        }
    }
}
