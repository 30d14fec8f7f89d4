/// Grows a column value by value, or by ranges of other columns of the same type.
///
///     var builder = ColumnBuilder(.int64)
///     builder.append(.integer(7))
///     builder.appendNulls(1)
///     let column = builder.finish()
public struct ColumnBuilder: Sendable {
    /// The type of the column that is built.
    public let type: ColumnType
    /// The number of values so far.
    public private(set) var count = 0
    private var validity: Bitmap?
    // One list is in use, by the type's storage: a list inside an enumeration would be copied when it grows.
    private var booleans = Bitmap()
    private var int32s: [Int32] = []
    private var int64s: [Int64] = []
    private var int128s: [Int128] = []
    private var floats: [Float] = []
    private var doubles: [Double] = []
    private var bytes = ByteValues()
    /// Lists and maps: where each ends among the children's values.
    private var offsets: [Int32] = [0]
    /// The element of lists, the fields of structures, or key and value of maps.
    private var children: [ColumnBuilder] = []

    /// Makes an empty builder.
    public init(_ type: ColumnType) {
        self.type = type
        switch type {
        case .list(let element): children = [ColumnBuilder(element.type)]
        case .structure(let fields): children = fields.map { ColumnBuilder($0.type) }
        case .map(let key, let value): children = [ColumnBuilder(key.type), ColumnBuilder(value.type)]
        default: break
        }
    }

    /// Adds a value.
    ///
    /// - Precondition: the value fits the type; an integer its width, a decimal its scale.
    public mutating func append(_ value: ColumnValue) {
        if value == .null { return appendNulls(1) }
        validity?.append(true)
        count += 1
        switch (type.storage, value) {
        case (.boolean, .boolean(let bit)): booleans.append(bit)
        case (.int32, .integer(let number)): int32s.append(Int32(number))
        case (.int32, .date(let days)): int32s.append(days)
        case (.int64, .integer(let number)), (.int64, .timestamp(let number)),
            (.int64, .timestampNTZ(let number)), (.int64, .time(let number, _)):
            int64s.append(number)
        case (.int64, .unsigned(let number)): int64s.append(Int64(bitPattern: number))
        case (.int64, .decimal(let unscaled, _)): int64s.append(Int64(unscaled))
        case (.int128, .decimal(let unscaled, _)): int128s.append(unscaled)
        case (.float, .float(let number)): floats.append(number)
        case (.double, .double(let number)): doubles.append(number)
        case (.bytes, .string(let text)):
            bytes.bytes.append(contentsOf: text.utf8)
            bytes.offsets.append(Int32(bytes.bytes.count))
        case (.bytes, .binary(let data)):
            bytes.bytes.append(contentsOf: data)
            bytes.offsets.append(Int32(bytes.bytes.count))
        case (.list, .list(let elements)):
            for element in elements { children[0].append(element) }
            offsets.append(Int32(children[0].count))
        case (.structure, .structure(let values)) where values.count == children.count:
            for (index, value) in values.enumerated() { children[index].append(value) }
        case (.map, .map(let pairs)):
            for pair in pairs {
                children[0].append(pair.key)
                children[1].append(pair.value)
            }
            offsets.append(Int32(children[0].count))
        default: preconditionFailure("\(value) in a column of type \(type)")
        }
    }

    /// Adds a value of a column of texts or of bytes; the bytes of a text are UTF-8.
    ///
    /// - Precondition: the type is `string` or `binary`.
    public mutating func append(bytes added: Span<UInt8>) {
        precondition(type == .string || type == .binary, "bytes in a column of type \(type)")
        validity?.append(true)
        count += 1
        bytes.bytes.reserveCapacity(bytes.bytes.count + added.count)
        for index in added.indices { bytes.bytes.append(added[index]) }
        bytes.offsets.append(Int32(bytes.bytes.count))
    }

    /// Adds missing values.
    public mutating func appendNulls(_ added: Int) {
        guard added > 0 else { return }
        if validity == nil { validity = Bitmap(repeating: true, count: count) }
        validity?.append(repeating: false, count: added)
        count += added
        switch type.storage {
        case .boolean: booleans.append(repeating: false, count: added)
        case .int32: int32s.append(contentsOf: repeatElement(0, count: added))
        case .int64: int64s.append(contentsOf: repeatElement(0, count: added))
        case .int128: int128s.append(contentsOf: repeatElement(0, count: added))
        case .float: floats.append(contentsOf: repeatElement(0, count: added))
        case .double: doubles.append(contentsOf: repeatElement(0, count: added))
        case .bytes: bytes.offsets.append(contentsOf: repeatElement(Int32(bytes.bytes.count), count: added))
        case .list, .map: offsets.append(contentsOf: repeatElement(Int32(children[0].count), count: added))
        case .structure: for index in children.indices { children[index].appendNulls(added) }
        }
    }

    /// Adds a range of rows of another column.
    ///
    /// - Precondition: the column has the same storage as this builder's type.
    public mutating func append(contentsOf column: Column, rows: Range<Int>) {
        guard !rows.isEmpty else { return }
        if column.validity != nil && validity == nil { validity = Bitmap(repeating: true, count: count) }
        if let other = column.validity {
            validity?.append(contentsOf: other, range: rows)
        } else {
            validity?.append(repeating: true, count: rows.count)
        }
        count += rows.count
        switch (type.storage, column.storage) {
        case (.boolean, .boolean(let added)): booleans.append(contentsOf: added, range: rows)
        case (.int32, .int32(let added)): int32s.append(contentsOf: added[rows])
        case (.int64, .int64(let added)): int64s.append(contentsOf: added[rows])
        case (.int128, .int128(let added)): int128s.append(contentsOf: added[rows])
        case (.float, .float(let added)): floats.append(contentsOf: added[rows])
        case (.double, .double(let added)): doubles.append(contentsOf: added[rows])
        case (.bytes, .bytes(let added)):
            let start = Int(added.offsets[rows.lowerBound])
            let end = Int(added.offsets[rows.upperBound])
            let shift = Int32(bytes.bytes.count - start)
            bytes.bytes.append(contentsOf: added.bytes[start..<end])
            for row in rows { bytes.offsets.append(added.offsets[row + 1] + shift) }
        case (.bytes, .dictionary(let added)):
            for row in rows {
                bytes.bytes.append(contentsOf: added[row])
                bytes.offsets.append(Int32(bytes.bytes.count))
            }
        case (.list, .list(let added)): append([added.elements], added.offsets, rows)
        case (.map, .map(let added)): append([added.keys, added.values], added.offsets, rows)
        case (.structure, .structure(let added)):
            for (index, field) in added.fields.enumerated() {
                children[index].append(contentsOf: field, rows: rows)
            }
        default: preconditionFailure("\(column.type) rows for a column of type \(type)")
        }
    }

    private mutating func append(_ added: [Column], _ ends: [Int32], _ rows: Range<Int>) {
        let start = ends[rows.lowerBound]
        let shift = Int32(children[0].count) - start
        for (index, column) in added.enumerated() {
            children[index].append(contentsOf: column, rows: Int(start)..<Int(ends[rows.upperBound]))
        }
        for row in rows { offsets.append(ends[row + 1] + shift) }
    }

    /// The column; the builder starts anew.
    public mutating func finish() -> Column {
        let storage: ColumnStorage =
            switch type.storage {
            case .boolean: .boolean(booleans)
            case .int32: .int32(int32s)
            case .int64: .int64(int64s)
            case .int128: .int128(int128s)
            case .float: .float(floats)
            case .double: .double(doubles)
            case .bytes: .bytes(bytes)
            case .list: .list(ListValues(offsets: offsets, elements: children[0].finish()))
            case .structure:
                .structure(
                    StructureValues(fields: children.indices.map { children[$0].finish() }, count: count)
                )
            case .map:
                .map(
                    MapValues(offsets: offsets, keys: children[0].finish(), values: children[1].finish())
                )
            }
        let column = Column(type: type, storage: storage, validity: validity)
        self = ColumnBuilder(type)
        return column
    }
}
