import ColumnBatches
import DeltaLog

/// Why a rule has no value; without a reason where a row breaks it.
struct RuleFailure: Error {
    var reason: String?
}

extension SQLExpression {
    /// The value of the expression for a row; `.null` where SQL says that it is not known.
    ///
    /// - Throws: `RuleFailure` when values are put together in a way that is not known here.
    func evaluate(_ column: ([String]) -> ColumnValue) throws(RuleFailure) -> ColumnValue {
        switch self {
        case .column(let path): return column(path)
        case .literal(let literal): return try literal.value()
        case .compare(let left, let comparison, let right):
            return try comparison.evaluate(try left.evaluate(column), try right.evaluate(column))
        case .arithmetic(let left, let sign, let right):
            return try sign.evaluate(try left.evaluate(column), try right.evaluate(column))
        case .negative(let part):
            return try Operator.minus.evaluate(.integer(0), try part.evaluate(column))
        case .and(let left, let right):
            let (one, two) = (try left.truth(column), try right.truth(column))
            if one == false || two == false { return .boolean(false) }
            return one == nil || two == nil ? .null : .boolean(true)
        case .or(let left, let right):
            let (one, two) = (try left.truth(column), try right.truth(column))
            if one == true || two == true { return .boolean(true) }
            return one == nil || two == nil ? .null : .boolean(false)
        case .not(let part): return try part.truth(column).map { .boolean(!$0) } ?? .null
        case .isNull(let part): return .boolean(try part.evaluate(column) == .null)
        case .isIn(let part, let values):
            let found = try part.evaluate(column)
            var isUnknown = false
            for value in values {
                switch try Comparison.equal.evaluate(found, try value.evaluate(column)) {
                case .boolean(true): return .boolean(true)
                case .null: isUnknown = true
                default: break
                }
            }
            return isUnknown ? .null : .boolean(false)
        case .like(let part, let pattern):
            switch try part.evaluate(column) {
            case .null: return .null
            case .string(let text):
                return .boolean(Self.fits(Array(text.unicodeScalars), Array(pattern.unicodeScalars)))
            case let other: throw RuleFailure(reason: "\(other) is no text")
            }
        case .call(let function, let part): return try function.evaluate(try part.evaluate(column))
        }
    }

    private func truth(_ column: ([String]) -> ColumnValue) throws(RuleFailure) -> Bool? {
        switch try evaluate(column) {
        case .boolean(let bit): return bit
        case .null: return nil
        case let other: throw RuleFailure(reason: "\(other) is neither true nor false")
        }
    }

    /// Whether a text fits a pattern in which `%` stands for anything and `_` for one character.
    private static func fits(_ text: [Unicode.Scalar], _ pattern: [Unicode.Scalar]) -> Bool {
        var (place, next) = (0, 0)
        var retry: (place: Int, next: Int)?
        while place < text.count {
            if next < pattern.count, pattern[next] == "%" {
                retry = (place, next)
                next += 1
            } else if next < pattern.count, pattern[next] == "_" || pattern[next] == text[place] {
                (place, next) = (place + 1, next + 1)
            } else if let last = retry {
                // The last `%` takes one more.
                retry = (last.place + 1, last.next)
                (place, next) = (last.place + 1, last.next + 1)
            } else {
                return false
            }
        }
        return pattern[next...].allSatisfy { $0 == "%" }
    }
}

extension SQLExpression.Literal {
    fileprivate func value() throws(RuleFailure) -> ColumnValue {
        guard let value = known else { throw RuleFailure(reason: "\(self) is not read") }
        return value
    }

    private var known: ColumnValue? {
        switch self {
        case .null: return .null
        case .boolean(let bit): return .boolean(bit)
        case .string(let text): return .string(text)
        case .date(let text): return PartitionValueText.value(text, type: .date)
        case .timestamp(let text): return PartitionValueText.value(text, type: .timestamp)
        case .number(let text):
            if let number = Int64(text) { return .integer(number) }
            if text.contains("e") { return Double(text).map { .double($0) } }
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            let scale = parts.count == 2 ? parts[1].utf8.count : 0
            return PartitionValueText.value(text, type: .decimal(precision: 38, scale: scale))
        }
    }
}

extension SQLExpression.Comparison {
    fileprivate func evaluate(_ left: ColumnValue, _ right: ColumnValue) throws(RuleFailure) -> ColumnValue {
        if self == .same && (left == .null || right == .null) { return .boolean(left == right) }
        if left == .null || right == .null { return .null }
        guard let order = Self.order(left, right) else {
            throw RuleFailure(reason: "\(left) and \(right) are not compared")
        }
        switch self {
        case .equal, .same: return .boolean(order == 0)
        case .notEqual: return .boolean(order != 0)
        case .less: return .boolean(order < 0)
        case .lessOrEqual: return .boolean(order <= 0)
        case .greater: return .boolean(order > 0)
        case .greaterOrEqual: return .boolean(order >= 0)
        }
    }

    private static func order(_ left: ColumnValue, _ right: ColumnValue) -> Int? {
        if let order = ValueOrder.compare(left, right) { return order }
        switch (left, right) {
        case (.double, _), (_, .double), (.float, _), (_, .float):
            guard let one = left.real, let two = right.real else { return nil }
            return ValueOrder.compare(.double(one), .double(two))
        // A text is read as what it is compared with, as engines do.
        case (.string(let text), let other) where other.textType != nil:
            return read(text, as: other).flatMap { ValueOrder.compare($0, other) }
        case (let other, .string(let text)) where other.textType != nil:
            return read(text, as: other).flatMap { ValueOrder.compare(other, $0) }
        case (.date(let days), .timestamp), (.date(let days), .timestampNTZ):
            let start = Int64(days) * 86_400_000_000
            return ValueOrder.compare(.timestamp(start), .timestamp(right.instant ?? 0))
        case (.timestamp, .date(let days)), (.timestampNTZ, .date(let days)):
            let start = Int64(days) * 86_400_000_000
            return ValueOrder.compare(.timestamp(left.instant ?? 0), .timestamp(start))
        case (.timestamp, .timestampNTZ), (.timestampNTZ, .timestamp):
            return ValueOrder.compare(.timestamp(left.instant ?? 0), .timestamp(right.instant ?? 0))
        default: return nil
        }
    }

    private static func read(_ text: String, as other: ColumnValue) -> ColumnValue? {
        guard let type = other.textType, !text.isEmpty else { return nil }
        return PartitionValueText.value(text, type: type)
    }
}

extension SQLExpression.Operator {
    fileprivate func evaluate(_ left: ColumnValue, _ right: ColumnValue) throws(RuleFailure) -> ColumnValue {
        if left == .null || right == .null { return .null }
        switch (left, right) {
        case (.integer(let one), .integer(let two)):
            let (result, overflow) = integers(one, two)
            guard self != .modulo || two != 0 else { return .null }
            if overflow { throw RuleFailure(reason: "\(one) and \(two) make no 64-bit number") }
            return .integer(result)
        case (.integer, .decimal), (.decimal, .integer), (.decimal, .decimal):
            guard let result = decimals(left, right) else {
                throw RuleFailure(reason: "\(left) and \(right) are not put together")
            }
            return result
        default:
            guard let one = left.real, let two = right.real else {
                throw RuleFailure(reason: "\(left) and \(right) are no numbers")
            }
            return .double(reals(one, two))
        }
    }

    private func integers(_ one: Int64, _ two: Int64) -> (Int64, Bool) {
        switch self {
        case .plus: one.addingReportingOverflow(two)
        case .minus: one.subtractingReportingOverflow(two)
        case .times: one.multipliedReportingOverflow(by: two)
        case .modulo:
            two == 0 ? (0, false) : (one.remainderReportingOverflow(dividingBy: two).partialValue, false)
        }
    }

    private func reals(_ one: Double, _ two: Double) -> Double {
        switch self {
        case .plus: one + two
        case .minus: one - two
        case .times: one * two
        case .modulo: one.truncatingRemainder(dividingBy: two)
        }
    }

    private func decimals(_ left: ColumnValue, _ right: ColumnValue) -> ColumnValue? {
        guard let (one, scale) = left.unscaled, let (two, other) = right.unscaled else { return nil }
        if self == .times {
            let (product, overflow) = one.multipliedReportingOverflow(by: two)
            return overflow ? nil : .decimal(product, scale: scale + other)
        }
        let wanted = max(scale, other)
        guard let first = Self.scaled(one, by: wanted - scale),
            let second = Self.scaled(two, by: wanted - other)
        else { return nil }
        switch self {
        case .plus:
            let (sum, overflow) = first.addingReportingOverflow(second)
            return overflow ? nil : .decimal(sum, scale: wanted)
        case .minus:
            let (difference, overflow) = first.subtractingReportingOverflow(second)
            return overflow ? nil : .decimal(difference, scale: wanted)
        default: return second == 0 ? .null : .decimal(first % second, scale: wanted)
        }
    }

    private static func scaled(_ number: Int128, by digits: Int) -> Int128? {
        var number = number
        for _ in 0..<digits {
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            number = product
        }
        return number
    }
}

extension SQLExpression.Function {
    fileprivate func evaluate(_ value: ColumnValue) throws(RuleFailure) -> ColumnValue {
        switch (self, value) {
        case (_, .null): return .null
        case (.length, .string(let text)): return .integer(Int64(text.unicodeScalars.count))
        case (.length, .binary(let bytes)): return .integer(Int64(bytes.count))
        case (.lower, .string(let text)): return .string(text.lowercased())
        case (.upper, .string(let text)): return .string(text.uppercased())
        case (.trim, .string(let text)):
            let scalars = text.unicodeScalars.drop { $0 == " " }
            let end = scalars.lastIndex { $0 != " " }.map { scalars.index(after: $0) } ?? scalars.startIndex
            return .string(String(scalars[..<end]))
        case (.abs, .integer(let number)) where number != .min: return .integer(Swift.abs(number))
        case (.abs, .decimal(let number, let scale)) where number != .min:
            return .decimal(Swift.abs(number), scale: scale)
        case (.abs, .double(let number)): return .double(Swift.abs(number))
        case (.abs, .float(let number)): return .float(Swift.abs(number))
        default: throw RuleFailure(reason: "\(rawValue) is not known of \(value)")
        }
    }
}

extension ColumnValue {
    fileprivate var real: Double? {
        switch self {
        case .double(let number): number
        case .float(let number): Double(number)
        case .integer(let number): Double(number)
        case .decimal(let unscaled, let scale): Double(PartitionValueText.decimal(unscaled, scale: scale))
        default: nil
        }
    }

    fileprivate var unscaled: (Int128, Int)? {
        switch self {
        case .integer(let number): (Int128(number), 0)
        case .decimal(let number, let scale): (number, scale)
        default: nil
        }
    }

    fileprivate var instant: Int64? {
        switch self {
        case .timestamp(let time), .timestampNTZ(let time): time
        default: nil
        }
    }

    /// The type that a text is read as beside this value.
    fileprivate var textType: ColumnType? {
        switch self {
        case .date: .date
        case .timestamp: .timestamp
        case .timestampNTZ: .timestampNTZ
        case .integer: .int64
        case .boolean: .boolean
        case .decimal(_, let scale): .decimal(precision: 38, scale: scale)
        default: nil
        }
    }
}
