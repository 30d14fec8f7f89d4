/// The values of a column in their memory layout; a missing value holds the type's zero.
public enum ColumnStorage: Sendable {
    /// One bit a value.
    case boolean(Bitmap)
    /// `int8`, `int16`, `int32` and `date` values.
    case int32([Int32])
    /// `int64`, timestamps, times of day, decimals of up to 18 digits, unscaled, and the bits of `uint64`.
    case int64([Int64])
    /// Decimals of 19 to 38 digits, unscaled.
    case int128([Int128])
    /// `float` values.
    case float([Float])
    /// `double` values.
    case double([Double])
    /// `string` and `binary` values.
    case bytes(ByteValues)
    /// `string` and `binary` values that repeat, each as its position among the distinct ones.
    case dictionary(DictionaryValues)
    /// `list` values.
    indirect case list(ListValues)
    /// `structure` values.
    case structure(StructureValues)
    /// `map` values.
    indirect case map(MapValues)
}

/// Variable-length values: value `i` is `bytes[offsets[i] ..< offsets[i + 1]]`.
public struct ByteValues: Sendable {
    /// One offset more than there are values; starts at 0 and never falls.
    public var offsets: [Int32]
    /// The values' bytes, one after the other.
    public var bytes: [UInt8]

    /// Makes values of offsets and bytes.
    ///
    /// - Precondition: the offsets start at 0 and the last one is the number of bytes.
    public init(offsets: [Int32], bytes: [UInt8]) {
        precondition(
            offsets.first == 0 && Int(offsets[offsets.count - 1]) == bytes.count,
            "offsets do not span the bytes"
        )
        self.offsets = offsets
        self.bytes = bytes
    }

    /// Makes an empty list of values.
    public init() {
        offsets = [0]
        bytes = []
    }

    /// The number of values.
    public var count: Int { offsets.count - 1 }

    /// The bytes of one value.
    @inlinable
    public subscript(index: Int) -> ArraySlice<UInt8> {
        bytes[Int(offsets[index])..<Int(offsets[index + 1])]
    }
}

/// A typed column of values, some of which may be missing.
public struct Column: Sendable {
    /// The logical type.
    public let type: ColumnType
    /// The values; a missing one holds zero, or no bytes.
    public let storage: ColumnStorage
    /// Set bits mark values that are present; nil when all are.
    public let validity: Bitmap?
    /// The number of values, missing ones included.
    public let count: Int
    /// The number of missing values.
    public let nullCount: Int

    /// Makes a column of values in their storage.
    ///
    /// - Precondition: the storage is the one of `type`, and `validity` has one bit a value.
    public init(type: ColumnType, storage: ColumnStorage, validity: Bitmap? = nil) {
        precondition(storage.fits(type), "\(storage.kind) storage under type \(type)")
        let count = storage.count
        precondition(validity == nil || validity?.count == count, "validity of another length")
        self.type = type
        self.storage = storage
        self.count = count
        let nulls = validity.map { count - $0.setCount } ?? 0
        self.validity = nulls == 0 ? nil : validity
        self.nullCount = nulls
    }

    /// Whether the value at a row is missing.
    @inlinable
    public func isNull(_ row: Int) -> Bool {
        guard let validity else { return false }
        return !validity[row]
    }

    /// The bytes that the column takes in memory.
    public var byteCount: Int { storage.byteCount + (validity?.words.count ?? 0) * 8 }

    /// A column of missing values.
    public static func nulls(_ type: ColumnType, count: Int) -> Column {
        var builder = ColumnBuilder(type)
        builder.appendNulls(count)
        return builder.finish()
    }
}

extension ColumnStorage {
    /// The number of values.
    public var count: Int {
        switch self {
        case .boolean(let values): values.count
        case .int32(let values): values.count
        case .int64(let values): values.count
        case .int128(let values): values.count
        case .float(let values): values.count
        case .double(let values): values.count
        case .bytes(let values): values.count
        case .dictionary(let values): values.count
        case .list(let values): values.count
        case .structure(let values): values.count
        case .map(let values): values.count
        }
    }

    /// Which storage this is.
    public var kind: ColumnType.Storage {
        switch self {
        case .boolean: .boolean
        case .int32: .int32
        case .int64: .int64
        case .int128: .int128
        case .float: .float
        case .double: .double
        case .bytes, .dictionary: .bytes
        case .list: .list
        case .structure: .structure
        case .map: .map
        }
    }

    /// Whether the values, at every depth, are of a type.
    fileprivate func fits(_ type: ColumnType) -> Bool {
        switch (self, type) {
        case (.list(let values), .list(let element)): values.elements.type == element.type
        case (.structure(let values), .structure(let fields)):
            values.fields.map(\.type) == fields.map(\.type)
        case (.map(let values), .map(let key, let value)):
            values.keys.type == key.type && values.values.type == value.type
        default: kind == type.storage
        }
    }

    /// The bytes that the values take in memory.
    public var byteCount: Int {
        switch self {
        case .boolean(let values): values.words.count * 8
        case .int32(let values): values.count * 4
        case .int64(let values): values.count * 8
        case .int128(let values): values.count * 16
        case .float(let values): values.count * 4
        case .double(let values): values.count * 8
        case .bytes(let values): values.bytes.count + values.offsets.count * 4
        case .dictionary(let values):
            values.indices.count * 4 + values.dictionary.bytes.count + values.dictionary.offsets.count * 4
        case .list(let values): values.offsets.count * 4 + values.elements.byteCount
        case .structure(let values): values.fields.reduce(0) { $0 + $1.byteCount }
        case .map(let values): values.offsets.count * 4 + values.keys.byteCount + values.values.byteCount
        }
    }
}
