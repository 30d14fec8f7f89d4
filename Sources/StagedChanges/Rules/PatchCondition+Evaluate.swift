import ColumnBatches

extension PatchCondition {
    /// The same condition with its values in the column's type.
    func converted(to type: ColumnType) throws(StagedChangesError) -> PatchCondition {
        var condition = self
        condition.values = []
        for value in values {
            condition.values.append(comparison == .like ? value : try value.converted(to: type))
        }
        return condition
    }

    /// Whether a value fulfils the condition; a missing one only fulfils `is null`.
    func holds(for value: ColumnValue) -> Bool {
        switch comparison {
        case .isNull: return value == .null
        case .isNotNull: return value != .null
        default: break
        }
        guard value != .null, let first = values.first else { return false }
        switch comparison {
        case .oneOf: return values.contains { Self.order(value, $0) == 0 }
        case .noneOf: return !values.contains { Self.order(value, $0) == 0 }
        case .like:
            guard case .string(let text) = value, case .string(let pattern) = first else { return false }
            return Self.matches(Array(text)[...], Array(pattern)[...])
        default: break
        }
        guard let order = Self.order(value, first) else { return false }
        switch comparison {
        case .equal: return order == 0
        case .notEqual: return order != 0
        case .less: return order < 0
        case .lessOrEqual: return order <= 0
        case .greater: return order > 0
        case .greaterOrEqual: return order >= 0
        default: return false
        }
    }

    /// -1, 0 or 1 for values of one type; nil where they have no order.
    private static func order(_ left: ColumnValue, _ right: ColumnValue) -> Int? {
        func sign<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
            left < right ? -1 : left == right ? 0 : 1
        }
        switch (left, right) {
        case (.string(let left), .string(let right)):
            if left == right { return 0 }
            return left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : 1
        case (.date(let left), .date(let right)): return sign(left, right)
        case (.timestamp(let left), .timestamp(let right)): return sign(left, right)
        case (.timestampNTZ(let left), .timestampNTZ(let right)): return sign(left, right)
        case (.boolean(let left), .boolean(let right)): return sign(left ? 1 : 0, right ? 1 : 0)
        case (.binary(let left), .binary(let right)):
            return left == right ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1
        default:
            if let (mine, scale) = left.unscaled, let (theirs, otherScale) = right.unscaled {
                let wide = max(scale, otherScale)
                return sign(mine.scaled(by: wide - scale), theirs.scaled(by: wide - otherScale))
            }
            guard let left = left.real, let right = right.real else { return nil }
            return sign(left, right)
        }
    }

    /// Wildcards as in SQL, in time that grows with the product of both lengths at most.
    private static func matches(_ text: ArraySlice<Character>, _ pattern: ArraySlice<Character>) -> Bool {
        var position = text.startIndex
        var wanted = pattern.startIndex
        var star: (pattern: Int, text: Int)?
        while position < text.endIndex {
            if wanted < pattern.endIndex, pattern[wanted] == "%" {
                star = (wanted, position)
                wanted += 1
            } else if wanted < pattern.endIndex, pattern[wanted] == "_" || pattern[wanted] == text[position] {
                wanted += 1
                position += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                wanted = last.pattern + 1
                position = last.text + 1
            } else {
                return false
            }
        }
        while wanted < pattern.endIndex, pattern[wanted] == "%" { wanted += 1 }
        return wanted == pattern.endIndex
    }
}
