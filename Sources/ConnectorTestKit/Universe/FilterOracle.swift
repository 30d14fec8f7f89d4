public import ColumnBatches
public import SourceConnectors

extension RowFilter {
    /// Whether a value fulfils the condition; a missing value fulfils none but `isNull`.
    public func accepts(_ value: ColumnValue) -> Bool {
        switch comparison {
        case .isNull: return value == .null
        case .isNotNull: return value != .null
        default: break
        }
        guard value != .null, let first = values.first else { return false }
        let order = ValueOrder.compare(value, first)
        switch comparison {
        case .equal: return order == 0
        case .notEqual: return order != 0
        case .less: return order < 0
        case .lessOrEqual: return order <= 0
        case .greater: return order > 0
        case .greaterOrEqual: return order >= 0
        case .oneOf: return values.contains { ValueOrder.compare(value, $0) == 0 }
        case .noneOf: return !values.contains { ValueOrder.compare(value, $0) == 0 }
        case .like:
            guard case .string(let text) = value, case .string(let pattern) = first else { return false }
            return Self.matches(Array(text)[...], Array(pattern)[...])
        case .isNull, .isNotNull: return false
        }
    }

    /// `%` stands for any text, `_` for one character.
    private static func matches(_ text: ArraySlice<Character>, _ pattern: ArraySlice<Character>) -> Bool {
        guard let next = pattern.first else { return text.isEmpty }
        if next == "%" {
            return matches(text, pattern.dropFirst())
                || (!text.isEmpty && matches(text.dropFirst(), pattern))
        }
        guard let character = text.first, next == "_" || next == character else { return false }
        return matches(text.dropFirst(), pattern.dropFirst())
    }
}

extension CursorWindow {
    /// Whether a row with this cursor belongs to the window.
    public func contains(_ cursor: ColumnValue) -> Bool {
        switch cursor {
        case .null: includesNulls
        case .timestamp(let value), .timestampNTZ(let value), .integer(let value): value >= lowerBound
        default: false
        }
    }
}
