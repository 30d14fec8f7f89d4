import ColumnBatches
import DeltaLog

extension PatchRule {
    /// Reads a rule from JSON.
    ///
    ///     {"table": "shop.orders", "region": "eu", "client": "17",
    ///      "row": {"key": {"id": 5}, "digest": "6b1f…"}, "set": {"status": "paid"}, "note": "paid by phone"}
    ///     {"table": "shop.customers", "where": [{"column": "email", "op": "is not null"}],
    ///      "set": {"email": {"lower": {"trim": {"column": "email"}}}}}
    ///
    /// - Throws: `StagedChangesError` that names the place and the cure.
    public init(json: String) throws(StagedChangesError) {
        let value: JSONValue
        do {
            value = try JSONParser.parse(json)
        } catch {
            throw StagedChangesError(
                .invalidRule,
                message: "no JSON: \(error.reason) at byte \(error.position)"
            )
        }
        try self.init(value)
    }

    /// The rule as JSON, which reads back as the same rule.
    public var json: String { value.text }

    init(_ value: JSONValue) throws(StagedChangesError) {
        let members = try PatchJSON.members(
            value,
            ["id", "table", "region", "client", "where", "row", "set", "note", "state"],
            of: "a rule"
        )
        let name = try PatchJSON.text(members["table"], "table")
        let parts = name.split(separator: ".", maxSplits: 1)
        guard parts.count == 2 else {
            throw StagedChangesError(.invalidRule, message: "\"table\" is SCHEMA.TABLE, not \"\(name)\"")
        }
        let id = try members["id"].map { value throws(StagedChangesError) in try PatchJSON.text(value, "id") }
        self.init(schema: String(parts[0]), table: String(parts[1]), id: id ?? PatchRule.newID())
        if let value = members["region"] { region = try PatchJSON.text(value, "region") }
        if let value = members["client"] { client = try PatchJSON.name(value, "client") }
        if let value = members["note"] { note = try PatchJSON.text(value, "note") }
        if let value = members["state"] {
            state = State(rawValue: try PatchJSON.text(value, "state")) ?? .proposed
        }
        switch (members["where"], members["row"]) {
        case (let conditions?, nil): target = .matching(try PatchJSON.conditions(conditions))
        case (nil, let row?):
            guard region != nil, client != nil else {
                throw StagedChangesError(
                    .invalidRule,
                    message:
                        "a rule about one row needs \"region\" and \"client\": keys repeat from client to client"
                )
            }
            target = try PatchJSON.row(row)
        default:
            throw StagedChangesError(.invalidRule, message: "a rule needs either \"where\" or \"row\"")
        }
        for (column, value) in try PatchJSON.members(members["set"] ?? .null, nil, of: "\"set\"") {
            set[column] = try PatchExpression(value)
        }
        guard !set.isEmpty else {
            throw StagedChangesError(.invalidRule, message: "\"set\" names no column")
        }
    }

    var value: JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(id), "table": .string("\(schema).\(table)"), "state": .string(state.rawValue),
            "set": .object(set.mapValues(\.value)),
        ]
        members["region"] = region.map { .string($0) }
        members["client"] = client.map { .string($0) }
        members["note"] = note.map { .string($0) }
        switch target {
        case .matching(let conditions):
            members["where"] = .array(
                conditions.map { condition in
                    var members: [String: JSONValue] = [
                        "column": .string(condition.column), "op": .string(condition.comparison.rawValue),
                    ]
                    if !condition.values.isEmpty {
                        members["values"] = .array(condition.values.map(PatchJSON.literal))
                    }
                    return .object(members)
                }
            )
        case .row(let key, let digest):
            members["row"] = .object([
                "key": .object(key.mapValues(PatchJSON.literal)), "digest": .string(digest.description),
            ])
        }
        return .object(members)
    }
}

extension PatchExpression {
    init(_ value: JSONValue) throws(StagedChangesError) {
        guard case .object(let members) = value else {
            self = .value(try PatchJSON.scalar(value))
            return
        }
        guard members.count == 1, let (name, inner) = members.first else {
            throw StagedChangesError(
                .invalidRule,
                message: "an expression is a value, or an object with one of \(PatchJSON.operations)"
            )
        }
        switch name {
        case "value": self = .value(try PatchJSON.scalar(inner))
        case "column": self = .column(try PatchJSON.text(inner, "column"))
        case "lower": self = .lower(try PatchExpression(inner))
        case "upper": self = .upper(try PatchExpression(inner))
        case "trim": self = .trim(try PatchExpression(inner))
        case "concat": self = .concat(try PatchJSON.expressions(inner, name, count: nil))
        case "coalesce": self = .coalesce(try PatchJSON.expressions(inner, name, count: nil))
        case "replace":
            let parts = try PatchJSON.expressions(inner, name, count: 3)
            guard case .value(.string(let find)) = parts[1], case .value(.string(let with)) = parts[2] else {
                throw StagedChangesError(
                    .invalidRule,
                    message: "\"replace\" takes an expression and two texts: what to find, what to put there"
                )
            }
            self = .replace(parts[0], find: find, with: with)
        case "add", "subtract", "multiply":
            let parts = try PatchJSON.expressions(inner, name, count: 2)
            self =
                name == "add"
                ? .add(parts[0], parts[1])
                : name == "subtract" ? .subtract(parts[0], parts[1]) : .multiply(parts[0], parts[1])
        default:
            throw StagedChangesError(
                .invalidRule,
                message: "no expression \"\(name)\"; there are \(PatchJSON.operations)"
            )
        }
    }

    var value: JSONValue {
        switch self {
        case .value(let value): PatchJSON.literal(value)
        case .column(let name): .object(["column": .string(name)])
        case .lower(let inner): .object(["lower": inner.value])
        case .upper(let inner): .object(["upper": inner.value])
        case .trim(let inner): .object(["trim": inner.value])
        case .replace(let inner, let find, let with):
            .object(["replace": .array([inner.value, .string(find), .string(with)])])
        case .concat(let parts): .object(["concat": .array(parts.map(\.value))])
        case .coalesce(let parts): .object(["coalesce": .array(parts.map(\.value))])
        case .add(let left, let right): .object(["add": .array([left.value, right.value])])
        case .subtract(let left, let right): .object(["subtract": .array([left.value, right.value])])
        case .multiply(let left, let right): .object(["multiply": .array([left.value, right.value])])
        }
    }
}

/// The parts of a rule's JSON.
enum PatchJSON {
    static let operations =
        "value, column, lower, upper, trim, replace, concat, coalesce, add, subtract, multiply"

    static func members(_ value: JSONValue, _ known: [String]?, of what: String) throws(StagedChangesError)
        -> [String: JSONValue]
    {
        guard case .object(let members) = value else {
            throw StagedChangesError(.invalidRule, message: "\(what) is an object")
        }
        if let known, let unknown = members.keys.sorted().first(where: { !known.contains($0) }) {
            throw StagedChangesError(
                .invalidRule,
                message: "\(what) has no \"\(unknown)\"; known are \(known.joined(separator: ", "))"
            )
        }
        return members.filter { $0.value != .null || known == nil }
    }

    static func text(_ value: JSONValue?, _ name: String) throws(StagedChangesError) -> String {
        guard case .string(let text)? = value, !text.isEmpty else {
            throw StagedChangesError(.invalidRule, message: "\"\(name)\" must be a text")
        }
        return text
    }

    /// A text, or a whole number as text: client ids are both.
    static func name(_ value: JSONValue, _ name: String) throws(StagedChangesError) -> String {
        if case .number(let digits) = value, Int64(digits) != nil { return digits }
        return try text(value, name)
    }

    static func conditions(_ value: JSONValue) throws(StagedChangesError) -> [PatchCondition] {
        guard case .array(let list) = value else {
            throw StagedChangesError(.invalidRule, message: "\"where\" is a list of conditions")
        }
        var conditions: [PatchCondition] = []
        for element in list {
            let members = try members(element, ["column", "op", "value", "values"], of: "a condition")
            let op = try text(members["op"], "op")
            guard let comparison = PatchCondition.Comparison(rawValue: op) else {
                let known = PatchCondition.Comparison.allCases.map(\.rawValue).joined(separator: ", ")
                throw StagedChangesError(.invalidRule, message: "\"\(op)\" is none of \(known)")
            }
            var values: [ColumnValue] = []
            if let value = members["value"] { values.append(try scalar(value)) }
            if case .array(let list)? = members["values"] {
                for value in list { values.append(try scalar(value)) }
            }
            let fits =
                switch comparison {
                case .isNull, .isNotNull: values.isEmpty
                case .oneOf, .noneOf: !values.isEmpty
                default: values.count == 1
                }
            guard fits else {
                throw StagedChangesError(
                    .invalidRule,
                    message: "\"\(op)\" does not take \(values.count) values"
                )
            }
            conditions.append(PatchCondition(try text(members["column"], "column"), comparison, values))
        }
        return conditions
    }

    static func row(_ value: JSONValue) throws(StagedChangesError) -> PatchRule.Target {
        let members = try members(value, ["key", "digest"], of: "\"row\"")
        var key: [String: ColumnValue] = [:]
        for (name, value) in try self.members(members["key"] ?? .null, nil, of: "\"key\"") {
            key[name] = try scalar(value)
        }
        guard !key.isEmpty else { throw StagedChangesError(.invalidRule, message: "\"key\" names no column") }
        let digest = try text(members["digest"], "digest")
        guard digest.utf8.count == 32, digest.allSatisfy(\.isHexDigit) else {
            throw StagedChangesError(.invalidRule, message: "\"digest\" is the 32 digits that the diff shows")
        }
        return .row(key: key, digest: SourceDigest(digest))
    }

    static func expressions(_ value: JSONValue, _ name: String, count: Int?) throws(StagedChangesError)
        -> [PatchExpression]
    {
        guard case .array(let list) = value, count == nil || list.count == count else {
            let wanted = count.map { "\($0) expressions" } ?? "expressions"
            throw StagedChangesError(.invalidRule, message: "\"\(name)\" takes a list of \(wanted)")
        }
        var parts: [PatchExpression] = []
        for element in list { parts.append(try PatchExpression(element)) }
        return parts
    }

    static func scalar(_ value: JSONValue) throws(StagedChangesError) -> ColumnValue {
        switch value {
        case .null: return .null
        case .boolean(let bit): return .boolean(bit)
        case .string(let text): return .string(text)
        case .number(let digits):
            if let number = Int64(digits) { return .integer(number) }
            return decimal(digits) ?? Double(digits).map { .double($0) } ?? .string(digits)
        case .array, .object:
            throw StagedChangesError(
                .invalidRule,
                message: "a value is a text, a number, true, false or null"
            )
        }
    }

    /// Digits with a point, exactly; nil for an exponent or too many digits.
    private static func decimal(_ digits: String) -> ColumnValue? {
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, digits.utf8.count <= 38, let unscaled = Int128(parts[0] + parts[1]) else {
            return nil
        }
        return .decimal(unscaled, scale: parts[1].count)
    }

    static func literal(_ value: ColumnValue) -> JSONValue {
        switch value {
        case .null: .null
        case .boolean(let bit): .boolean(bit)
        case .integer(let number): .number(String(number))
        case .string(let text): .string(text)
        case .decimal, .double, .float, .unsigned: .number(value.display)
        default: .string(value.display)
        }
    }
}
