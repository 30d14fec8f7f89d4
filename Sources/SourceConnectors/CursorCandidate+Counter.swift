public import ColumnBatches

extension CursorCandidate {
    /// Whether the column counts rows as they are inserted, rather than telling a time.
    public var isCounter: Bool { type.isCounter }
}

extension ColumnType {
    /// Whether a cursor of the type is a counter: a whole number.
    public var isCounter: Bool {
        switch self {
        case .int8, .int16, .int32, .int64: true
        case .decimal(let precision, let scale): scale == 0 && precision <= 20
        default: false
        }
    }
}
