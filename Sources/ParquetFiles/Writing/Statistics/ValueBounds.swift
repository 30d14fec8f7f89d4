import ColumnBatches

/// The least and greatest value of a page, a chunk or a file.
enum ValueBounds: Sendable {
    /// No value, or only NaN.
    case none
    case boolean(Bool, Bool)
    case signed(Int64, Int64)
    case unsigned(UInt64, UInt64)
    case wide(Int128, Int128)
    case real(Double, Double)
    case single(Float, Float)
    case bytes([UInt8], [UInt8])

    /// Takes the bounds of another part of the same column.
    mutating func include(_ other: ValueBounds) {
        switch (self, other) {
        case (_, .none): break
        case (.none, _): self = other
        case (.boolean(let low, let high), .boolean(let otherLow, let otherHigh)):
            self = .boolean(low && otherLow, high || otherHigh)
        // A copied row group tells its decimals in their widest form.
        case (.signed(let low, let high), .wide):
            self = .wide(Int128(low), Int128(high))
            include(other)
        case (.wide, .signed(let low, let high)): include(.wide(Int128(low), Int128(high)))
        case (.signed(let low, let high), .signed(let otherLow, let otherHigh)):
            self = .signed(min(low, otherLow), max(high, otherHigh))
        case (.unsigned(let low, let high), .unsigned(let otherLow, let otherHigh)):
            self = .unsigned(min(low, otherLow), max(high, otherHigh))
        case (.wide(let low, let high), .wide(let otherLow, let otherHigh)):
            self = .wide(min(low, otherLow), max(high, otherHigh))
        case (.real(let low, let high), .real(let otherLow, let otherHigh)):
            self = .real(min(low, otherLow), max(high, otherHigh))
        case (.single(let low, let high), .single(let otherLow, let otherHigh)):
            self = .single(min(low, otherLow), max(high, otherHigh))
        case (.bytes(let low, let high), .bytes(let otherLow, let otherHigh)):
            self = .bytes(
                otherLow.lexicographicallyPrecedes(low) ? otherLow : low,
                high.lexicographicallyPrecedes(otherHigh) ? otherHigh : high
            )
        default: preconditionFailure("bounds of two types in one column")
        }
    }

    /// Whether neither bound of a later part lies below that of an earlier one.
    static func isOrdered(_ first: ValueBounds, _ second: ValueBounds) -> Bool {
        var both = first
        both.include(second)
        return both.isSame(lowOf: first, highOf: second)
    }

    private func isSame(lowOf first: ValueBounds, highOf second: ValueBounds) -> Bool {
        switch (self, first, second) {
        case (.boolean(let low, let high), .boolean(let least, _), .boolean(_, let greatest)):
            low == least && high == greatest
        case (.signed(let low, let high), .signed(let least, _), .signed(_, let greatest)):
            low == least && high == greatest
        case (.unsigned(let low, let high), .unsigned(let least, _), .unsigned(_, let greatest)):
            low == least && high == greatest
        case (.wide(let low, let high), .wide(let least, _), .wide(_, let greatest)):
            low == least && high == greatest
        case (.real(let low, let high), .real(let least, _), .real(_, let greatest)):
            low == least && high == greatest
        case (.single(let low, let high), .single(let least, _), .single(_, let greatest)):
            low == least && high == greatest
        case (.bytes(let low, let high), .bytes(let least, _), .bytes(_, let greatest)):
            low == least && high == greatest
        default: false
        }
    }

    /// The bounds as values of a column; booleans and bytes have none that a reader of the log would use.
    func values(_ type: ColumnType) -> (min: ColumnValue, max: ColumnValue)? {
        switch self {
        case .none, .boolean: return nil
        case .signed(let low, let high): return (Self.number(low, type), Self.number(high, type))
        case .unsigned(let low, let high): return (.unsigned(low), .unsigned(high))
        case .wide(let low, let high): return (Self.decimal(low, type), Self.decimal(high, type))
        case .real(let low, let high):
            return (.double(low == 0 ? -0.0 : low), .double(high == 0 ? 0.0 : high))
        case .single(let low, let high):
            return (.float(low == 0 ? -0.0 : low), .float(high == 0 ? 0.0 : high))
        case .bytes(let low, let high):
            guard type == .string else { return nil }
            return (
                .string(String(decoding: low, as: UTF8.self)), .string(String(decoding: high, as: UTF8.self))
            )
        }
    }

    private static func number(_ value: Int64, _ type: ColumnType) -> ColumnValue {
        switch type {
        case .date: .date(Int32(truncatingIfNeeded: value))
        case .timestamp: .timestamp(value)
        case .timestampNTZ: .timestampNTZ(value)
        case .time(let unit): .time(value, unit)
        case .decimal: decimal(Int128(value), type)
        default: .integer(value)
        }
    }

    private static func decimal(_ value: Int128, _ type: ColumnType) -> ColumnValue {
        guard case .decimal(_, let scale) = type else { return .decimal(value, scale: 0) }
        return .decimal(value, scale: scale)
    }
}
