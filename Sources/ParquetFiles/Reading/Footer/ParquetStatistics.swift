public import ColumnBatches

/// What a writer says about some values: a hint to pass over them, never more.
public struct ParquetStatistics: Sendable, Hashable {
    /// The number of missing values.
    public var nullCount: Int?
    /// The number of distinct values.
    public var distinctCount: Int?
    /// A value that none is below; NaN is passed over.
    public var min: ColumnValue?
    /// A value that none is above; NaN is passed over.
    public var max: ColumnValue?
    /// Whether `min` is one of the values.
    public var isMinExact = true
    /// Whether `max` is one of the values.
    public var isMaxExact = true

    init() {}

    init(_ chunk: ChunkMetadata, _ leaf: LeafColumn, _ order: ColumnOrder?) {
        nullCount = chunk.nullCount.flatMap { $0 >= 0 ? $0 : nil }
        distinctCount = chunk.distinctCount.flatMap { $0 >= 0 ? $0 : nil }
        if order == .typeDefined {
            min = chunk.min.flatMap { leaf.bound($0, isMaximum: false) }
            max = chunk.max.flatMap { leaf.bound($0, isMaximum: true) }
            isMinExact = chunk.isMinExact
            isMaxExact = chunk.isMaxExact
        }
        // The old fields were compared as signed bytes, which is right for signed numbers only.
        if min == nil && max == nil && leaf.hasSignedOrder {
            min = (chunk.min ?? chunk.deprecatedMin).flatMap { leaf.bound($0, isMaximum: false) }
            max = (chunk.max ?? chunk.deprecatedMax).flatMap { leaf.bound($0, isMaximum: true) }
        }
        if min == nil || max == nil { (min, max) = (nil, nil) }
    }
}

extension LeafColumn {
    /// Whether the oldest statistics are right for the column.
    fileprivate var hasSignedOrder: Bool {
        switch physical {
        case .boolean, .int32, .int64, .float, .double: type != .uint64 && conversion != .widenUnsigned
        case .int96, .byteArray, .fixedLengthByteArray: false
        }
    }

    /// A bound as a value of the column's type, or nil when it tells nothing.
    func bound(_ bytes: [UInt8], isMaximum: Bool) -> ColumnValue? {
        // Halves and days since the Julian epoch have orders of their own that writers got wrong.
        guard conversion != .julianDay, conversion != .half else { return nil }
        var stored = ValueArrays()
        do {
            if physical == .byteArray || physical == .fixedLengthByteArray {
                if type == .string { return .string(String(decoding: bytes, as: UTF8.self)) }
                if type == .binary { return .binary(bytes) }
                stored.bytes = bytes
                stored.offsets.append(Int32(truncatingIfNeeded: bytes.count))
            } else {
                guard bytes.count == (physical == .boolean ? 1 : valueWidth) else { return nil }
                var decoder = try ValueDecoder(self, .plain, of: bytes, from: 0, to: bytes.count)
                try decoder.read(1, of: bytes, to: &stored, limit: 64)
            }
            var values = ValueArrays()
            if conversion == .none {
                values = stored
            } else {
                try conversion.append(stored, of: self, to: &values)
            }
            let value = Column(type: type, storage: values.columnStorage(type.storage))[0]
            switch value {
            case .float(let number):
                return number.isNaN ? nil : number == 0 ? .float(isMaximum ? 0 : -0.0) : value
            case .double(let number):
                return number.isNaN ? nil : number == 0 ? .double(isMaximum ? 0 : -0.0) : value
            default: return value
            }
        } catch {
            return nil
        }
    }
}
