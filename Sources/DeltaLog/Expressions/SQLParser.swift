extension SQLExpression {
    /// Reads an expression; nil when it is none, or says more than this type can hold.
    package init?(_ text: String) {
        guard text.utf8.count <= 1 << 16, let tokens = SQLLexer.tokens(text) else { return nil }
        var parser = SQLParser(tokens: tokens)
        guard let expression = parser.expression(), parser.isAtEnd else { return nil }
        self = expression
    }
}

/// Reads an expression by descent, one function for each rank of operators.
private struct SQLParser {
    private let tokens: [SQLLexer.Token]
    private var position = 0
    private var depth = 0
    private static let maximumDepth = 64
    private static let reserved: Set<String> = [
        "and", "or", "not", "is", "in", "between", "like", "null", "true", "false", "case", "when", "then",
        "else",
        "end", "exists", "select", "rlike", "interval",
    ]

    init(tokens: [SQLLexer.Token]) { self.tokens = tokens }

    var isAtEnd: Bool { position == tokens.count }

    mutating func expression() -> SQLExpression? {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.maximumDepth, var left = conjunction() else { return nil }
        while takeWord("or") {
            guard let right = conjunction() else { return nil }
            left = .or(left, right)
        }
        return left
    }

    private mutating func conjunction() -> SQLExpression? {
        guard var left = negation() else { return nil }
        while takeWord("and") {
            guard let right = negation() else { return nil }
            left = .and(left, right)
        }
        return left
    }

    private mutating func negation() -> SQLExpression? {
        guard takeWord("not") || take("!") else { return predicate() }
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.maximumDepth else { return nil }
        return negation().map { .not($0) }
    }

    private mutating func predicate() -> SQLExpression? {
        guard var left = sum() else { return nil }
        while true {
            if takeWord("is") {
                let isNegative = takeWord("not")
                guard let test = test(of: left) else { return nil }
                left = isNegative ? .not(test) : test
            } else if let comparison = comparison() {
                guard let right = sum() else { return nil }
                left = .compare(left, comparison, right)
            } else {
                let start = position
                let isNegative = takeWord("not")
                guard let test = membership(of: left) else {
                    guard position == start else { return nil }
                    return left
                }
                left = isNegative ? .not(test) : test
            }
        }
    }

    private mutating func test(of value: SQLExpression) -> SQLExpression? {
        if takeWord("null") { return .isNull(value) }
        if takeWord("true") { return .compare(value, .same, .literal(.boolean(true))) }
        if takeWord("false") { return .compare(value, .same, .literal(.boolean(false))) }
        return nil
    }

    private mutating func membership(of value: SQLExpression) -> SQLExpression? {
        if takeWord("in") {
            guard take("("), let values = list() else { return nil }
            return .isIn(value, values)
        }
        if takeWord("between") {
            guard let low = sum(), takeWord("and"), let high = sum() else { return nil }
            return .and(.compare(value, .greaterOrEqual, low), .compare(value, .lessOrEqual, high))
        }
        if takeWord("like") {
            guard case .string(let pattern)? = current, !pattern.utf8.contains(UInt8(ascii: "\\")) else {
                return nil
            }
            position += 1
            return .like(value, pattern)
        }
        return nil
    }

    private mutating func list() -> [SQLExpression]? {
        var values: [SQLExpression] = []
        repeat {
            guard let value = expression() else { return nil }
            values.append(value)
        } while take(",")
        return take(")") ? values : nil
    }

    private mutating func comparison() -> SQLExpression.Comparison? {
        let symbols: [(String, SQLExpression.Comparison)] = [
            ("<=>", .same), ("=", .equal), ("==", .equal), ("<>", .notEqual), ("!=", .notEqual), ("<", .less),
            ("<=", .lessOrEqual), (">", .greater), (">=", .greaterOrEqual),
        ]
        return symbols.first { take($0.0) }?.1
    }

    private mutating func sum() -> SQLExpression? {
        guard var left = product() else { return nil }
        while true {
            let sign: SQLExpression.Operator
            if take("+") { sign = .plus } else if take("-") { sign = .minus } else { return left }
            guard let right = product() else { return nil }
            left = .arithmetic(left, sign, right)
        }
    }

    private mutating func product() -> SQLExpression? {
        guard var left = unary() else { return nil }
        while true {
            let sign: SQLExpression.Operator
            if take("*") { sign = .times } else if take("%") { sign = .modulo } else { return left }
            guard let right = unary() else { return nil }
            left = .arithmetic(left, sign, right)
        }
    }

    private mutating func unary() -> SQLExpression? {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.maximumDepth else { return nil }
        if take("+") { return unary() }
        guard take("-") else { return primary() }
        if case .number(let text)? = current {
            position += 1
            return .literal(.number("-" + text))
        }
        return unary().map { .negative($0) }
    }

    private mutating func primary() -> SQLExpression? {
        guard let token = current else { return nil }
        position += 1
        switch token {
        case .number(let text): return .literal(.number(text))
        case .string(let text): return .literal(.string(text))
        case .quotedName(let name): return path(from: name)
        case .symbol("("):
            guard let inner = expression(), take(")") else { return nil }
            return inner
        case .symbol: return nil
        case .word(let word): return primary(word)
        }
    }

    private mutating func primary(_ word: String) -> SQLExpression? {
        let lower = word.lowercased()
        switch lower {
        case "null": return .literal(.null)
        case "true": return .literal(.boolean(true))
        case "false": return .literal(.boolean(false))
        case "date", "timestamp":
            if case .string(let text)? = current {
                position += 1
                return .literal(lower == "date" ? .date(text) : .timestamp(text))
            }
        case _ where Self.reserved.contains(lower): return nil
        default: break
        }
        guard take("(") else { return path(from: word) }
        guard let function = SQLExpression.Function(rawValue: lower), let value = expression(), take(")")
        else {
            return nil
        }
        return .call(function, value)
    }

    private mutating func path(from name: String) -> SQLExpression? {
        var path = [name]
        while take(".") {
            switch current {
            case .word(let next)?, .quotedName(let next)?: path.append(next)
            default: return nil
            }
            position += 1
        }
        return .column(path)
    }

    private var current: SQLLexer.Token? { position < tokens.count ? tokens[position] : nil }

    private mutating func take(_ symbol: String) -> Bool {
        guard current == .symbol(symbol) else { return false }
        position += 1
        return true
    }

    private mutating func takeWord(_ word: String) -> Bool {
        guard case .word(let text)? = current, text.lowercased() == word else { return false }
        position += 1
        return true
    }
}
