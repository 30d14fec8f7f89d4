/// Grows a column value by value, or by ranges of other columns of the same type.
///
///     var builder = ColumnBuilder(.int64)
///     builder.append(.integer(7))
///     builder.appendNulls(1)
///     let column = builder.finish()
public struct ColumnBuilder: Sendable {
    /// The type of the column that is built.
    public let type: ColumnType
    private var storage: ColumnStorage
    private var validity: Bitmap?
    /// The number of values so far.
    public private(set) var count = 0

    /// Makes an empty builder.
    public init(_ type: ColumnType) {
        self.type = type
        storage = .empty(type.storage)
    }

    /// Adds a value.
    ///
    /// - Precondition: the value fits the type; an integer its width, a decimal its scale.
    public mutating func append(_ value: ColumnValue) {
        let isNull = value == .null
        if isNull && validity == nil { validity = Bitmap(repeating: true, count: count) }
        validity?.append(!isNull)
        count += 1
        let before = storage
        storage = .empty(type.storage)  // give up the other reference: the arrays below grow in place
        storage = before.appending(value, as: type)
    }

    /// Adds missing values.
    public mutating func appendNulls(_ added: Int) {
        guard added > 0 else { return }
        if validity == nil { validity = Bitmap(repeating: true, count: count) }
        validity?.append(repeating: false, count: added)
        count += added
        let before = storage
        storage = .empty(type.storage)
        storage = before.appendingZeros(added)
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
        let before = storage
        storage = .empty(type.storage)
        storage = before.appending(contentsOf: column.storage, rows: rows)
    }

    /// The column; the builder starts anew.
    public mutating func finish() -> Column {
        let column = Column(type: type, storage: storage, validity: validity)
        storage = .empty(type.storage)
        validity = nil
        count = 0
        return column
    }
}

extension ColumnStorage {
    static func empty(_ kind: ColumnType.Storage) -> ColumnStorage {
        switch kind {
        case .boolean: .boolean(Bitmap())
        case .int32: .int32([])
        case .int64: .int64([])
        case .int128: .int128([])
        case .float: .float([])
        case .double: .double([])
        case .bytes: .bytes(ByteValues())
        }
    }

    consuming func appending(_ value: ColumnValue, as type: ColumnType) -> ColumnStorage {
        switch (self, value) {
        case (let storage, .null): return storage.appendingZeros(1)
        case (.boolean(var values), .boolean(let bit)):
            values.append(bit)
            return .boolean(values)
        case (.int32(var values), .integer(let number)):
            values.append(Int32(number))
            return .int32(values)
        case (.int32(var values), .date(let days)):
            values.append(days)
            return .int32(values)
        case (.int64(var values), .integer(let number)), (.int64(var values), .timestamp(let number)),
            (.int64(var values), .timestampNTZ(let number)):
            values.append(number)
            return .int64(values)
        case (.int64(var values), .decimal(let unscaled, _)):
            values.append(Int64(unscaled))
            return .int64(values)
        case (.int128(var values), .decimal(let unscaled, _)):
            values.append(unscaled)
            return .int128(values)
        case (.float(var values), .float(let number)):
            values.append(number)
            return .float(values)
        case (.double(var values), .double(let number)):
            values.append(number)
            return .double(values)
        case (.bytes(var values), .string(let text)):
            values.bytes.append(contentsOf: text.utf8)
            values.offsets.append(Int32(values.bytes.count))
            return .bytes(values)
        case (.bytes(var values), .binary(let bytes)):
            values.bytes.append(contentsOf: bytes)
            values.offsets.append(Int32(values.bytes.count))
            return .bytes(values)
        default: preconditionFailure("\(value) in a column of type \(type)")
        }
    }

    consuming func appendingZeros(_ added: Int) -> ColumnStorage {
        switch self {
        case .boolean(var values):
            values.append(repeating: false, count: added)
            return .boolean(values)
        case .int32(var values):
            values.append(contentsOf: repeatElement(0, count: added))
            return .int32(values)
        case .int64(var values):
            values.append(contentsOf: repeatElement(0, count: added))
            return .int64(values)
        case .int128(var values):
            values.append(contentsOf: repeatElement(0, count: added))
            return .int128(values)
        case .float(var values):
            values.append(contentsOf: repeatElement(0, count: added))
            return .float(values)
        case .double(var values):
            values.append(contentsOf: repeatElement(0, count: added))
            return .double(values)
        case .bytes(var values):
            values.offsets.append(contentsOf: repeatElement(Int32(values.bytes.count), count: added))
            return .bytes(values)
        }
    }

    consuming func appending(contentsOf other: ColumnStorage, rows: Range<Int>) -> ColumnStorage {
        switch (self, other) {
        case (.boolean(var values), .boolean(let added)):
            values.append(contentsOf: added, range: rows)
            return .boolean(values)
        case (.int32(var values), .int32(let added)):
            values.append(contentsOf: added[rows])
            return .int32(values)
        case (.int64(var values), .int64(let added)):
            values.append(contentsOf: added[rows])
            return .int64(values)
        case (.int128(var values), .int128(let added)):
            values.append(contentsOf: added[rows])
            return .int128(values)
        case (.float(var values), .float(let added)):
            values.append(contentsOf: added[rows])
            return .float(values)
        case (.double(var values), .double(let added)):
            values.append(contentsOf: added[rows])
            return .double(values)
        case (.bytes(var values), .bytes(let added)):
            let start = Int(added.offsets[rows.lowerBound])
            let end = Int(added.offsets[rows.upperBound])
            let shift = Int32(values.bytes.count - start)
            values.bytes.append(contentsOf: added.bytes[start..<end])
            values.offsets.reserveCapacity(values.offsets.count + rows.count)
            for row in rows { values.offsets.append(added.offsets[row + 1] + shift) }
            return .bytes(values)
        case (let mine, let other): preconditionFailure("\(other.kind) rows for \(mine.kind) storage")
        }
    }
}
