public import ColumnBatches
import DeltaTables

extension PatchExpression {
    /// What the expression is for a row; `row` gives the values of columns.
    func evaluate(_ row: (String) throws(StagedChangesError) -> ColumnValue) throws(StagedChangesError)
        -> ColumnValue
    {
        switch self {
        case .value(let value): return value
        case .column(let name): return try row(name)
        case .lower(let inner): return try Self.text(inner.evaluate(row)) { $0.lowercased() }
        case .upper(let inner): return try Self.text(inner.evaluate(row)) { $0.uppercased() }
        case .trim(let inner): return try Self.text(inner.evaluate(row), Self.trimmed)
        case .replace(let inner, let find, let with):
            return try Self.text(inner.evaluate(row)) { find.isEmpty ? $0 : $0.replacing(find, with: with) }
        case .concat(let parts):
            var text = ""
            for part in parts { text += PartitionValueText.text(try part.evaluate(row)) ?? "" }
            return .string(text)
        case .coalesce(let parts):
            for part in parts {
                let value = try part.evaluate(row)
                if value != .null { return value }
            }
            return .null
        case .add(let left, let right):
            return try Self.number(left.evaluate(row), right.evaluate(row), exact: { $0 + $1 }, { $0 + $1 })
        case .subtract(let left, let right):
            return try Self.number(left.evaluate(row), right.evaluate(row), exact: { $0 - $1 }, { $0 - $1 })
        case .multiply(let left, let right):
            return try Self.product(left.evaluate(row), right.evaluate(row))
        }
    }

    /// The columns that the expression reads.
    var columns: [String] {
        switch self {
        case .value: []
        case .column(let name): [name]
        case .lower(let inner), .upper(let inner), .trim(let inner), .replace(let inner, _, _): inner.columns
        case .concat(let parts), .coalesce(let parts): parts.flatMap(\.columns)
        case .add(let left, let right), .subtract(let left, let right), .multiply(let left, let right):
            left.columns + right.columns
        }
    }

    private static func trimmed(_ text: String) -> String {
        let blanks: Set<Character> = [" ", "\t", "\n", "\r", "\u{A0}"]
        var rest = text[...]
        while let first = rest.first, blanks.contains(first) { rest.removeFirst() }
        while let last = rest.last, blanks.contains(last) { rest.removeLast() }
        return String(rest)
    }

    private static func text(_ value: ColumnValue, _ body: (String) -> String) throws(StagedChangesError)
        -> ColumnValue
    {
        switch value {
        case .null: return .null
        case .string(let text): return .string(body(text))
        default:
            guard let text = PartitionValueText.text(value) else {
                throw StagedChangesError(.typeMismatch, message: "a text is needed, not \(value)")
            }
            return .string(body(text))
        }
    }

    /// Adds or subtracts: exactly for whole numbers and decimals, else in double precision.
    private static func number(
        _ left: ColumnValue,
        _ right: ColumnValue,
        exact: (Int128, Int128) -> Int128,
        _ real: (Double, Double) -> Double
    ) throws(StagedChangesError) -> ColumnValue {
        if left == .null || right == .null { return .null }
        if let (mine, scale) = left.unscaled, let (theirs, otherScale) = right.unscaled {
            let wide = max(scale, otherScale)
            let result = exact(mine.scaled(by: wide - scale), theirs.scaled(by: wide - otherScale))
            return .decimal(result, scale: wide)
        }
        guard let mine = left.real, let theirs = right.real else {
            throw StagedChangesError(
                .typeMismatch,
                message: "numbers are needed to calculate, not \(left) and \(right)"
            )
        }
        return .double(real(mine, theirs))
    }

    private static func product(_ left: ColumnValue, _ right: ColumnValue) throws(StagedChangesError)
        -> ColumnValue
    {
        if left == .null || right == .null { return .null }
        if let (mine, scale) = left.unscaled, let (theirs, otherScale) = right.unscaled {
            let (product, overflow) = mine.multipliedReportingOverflow(by: theirs)
            if !overflow { return .decimal(product, scale: scale + otherScale) }
        }
        guard let mine = left.real, let theirs = right.real else {
            throw StagedChangesError(
                .typeMismatch,
                message: "numbers are needed to calculate, not \(left) and \(right)"
            )
        }
        return .double(mine * theirs)
    }
}

extension ColumnValue {
    /// A whole number or a decimal without its point; nil for everything else.
    var unscaled: (Int128, scale: Int)? {
        switch self {
        case .integer(let number): (Int128(number), 0)
        case .unsigned(let number): (Int128(number), 0)
        case .decimal(let unscaled, let scale): (unscaled, scale)
        default: nil
        }
    }

    /// A number in double precision.
    var real: Double? {
        switch self {
        case .float(let number): return Double(number)
        case .double(let number): return number
        default:
            guard let (unscaled, scale) = self.unscaled else { return nil }
            var divisor = 1.0
            for _ in 0..<scale { divisor *= 10 }
            return Double(unscaled) / divisor
        }
    }

    /// The same value in the type of a column.
    ///
    /// - Throws: `StagedChangesError` when the type cannot hold it exactly.
    func converted(to type: ColumnType) throws(StagedChangesError) -> ColumnValue {
        func failure() -> StagedChangesError {
            StagedChangesError(.typeMismatch, message: "\(self.display) is no value of type \(type)")
        }
        switch (self, type) {
        case (.null, _): return .null
        case (.string, .string), (.boolean, .boolean), (.date, .date), (.timestamp, .timestamp),
            (.timestampNTZ, .timestampNTZ), (.binary, .binary), (.double, .double), (.float, .float):
            return self
        case (_, .double):
            if let real { return .double(real) }
        case (_, .float):
            if let real { return .float(Float(real)) }
        case (_, .int8), (_, .int16), (_, .int32), (_, .int64), (_, .decimal):
            if let (unscaled, scale) = self.unscaled {
                guard let value = Self.exact(unscaled, scale, type) else { throw failure() }
                return value
            }
            if case .double(let number) = self,
                let value = PartitionValueText.value("\(number)", type: type)
            {
                return value
            }
        case (_, .string):
            if let text = PartitionValueText.text(self) { return .string(text) }
        default: break
        }
        guard case .string(let text) = self, !text.isEmpty,
            let value = PartitionValueText.value(text, type: type)
        else { throw failure() }
        return value
    }

    private static func exact(_ unscaled: Int128, _ scale: Int, _ type: ColumnType) -> ColumnValue? {
        var wanted = 0
        if case .decimal(_, let scale) = type { wanted = scale }
        var value = unscaled
        var scale = scale
        while scale > wanted {
            guard value % 10 == 0 else { return nil }
            value /= 10
            scale -= 1
        }
        value = value.scaled(by: wanted - scale)
        switch type {
        case .decimal(let precision, _):
            return value.magnitude < Int128(1).scaled(by: precision).magnitude
                ? .decimal(value, scale: wanted) : nil
        case .int8: return Int8(exactly: value).map { .integer(Int64($0)) }
        case .int16: return Int16(exactly: value).map { .integer(Int64($0)) }
        case .int32: return Int32(exactly: value).map { .integer(Int64($0)) }
        default: return Int64(exactly: value).map { .integer($0) }
        }
    }

    /// The value as people read it.
    public var display: String {
        switch self {
        case .null: "null"
        case .string(let text): "'" + text.replacing("'", with: "''") + "'"
        case .binary(let bytes): "0x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        case .list(let values): "[" + values.map(\.display).joined(separator: ", ") + "]"
        case .structure(let values): "{" + values.map(\.display).joined(separator: ", ") + "}"
        case .map(let pairs):
            "{" + pairs.map { $0.key.display + ": " + $0.value.display }.joined(separator: ", ") + "}"
        case .time(let time, _): "time \(time)"
        default: PartitionValueText.text(self) ?? "null"
        }
    }
}

extension Int128 {
    /// The number times a power of ten.
    func scaled(by power: Int) -> Int128 {
        var value = self
        for _ in 0..<Swift.max(power, 0) { value &*= 10 }
        return value
    }
}
