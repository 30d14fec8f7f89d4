import DeltaLog

/// A value of a configuration file and where it stands; reading it as something else is an error with that place.
struct ConfigurationNode {
    let value: JSONValue
    let path: String

    /// Parses a file's text.
    init(json: String, file: String) throws(SyncError) {
        do {
            value = try JSONParser.parseWithoutDuplicates(json)
        } catch {
            let line = json.utf8.prefix(error.position).count { $0 == UInt8(ascii: "\n") } + 1
            throw SyncError(
                .invalidConfiguration,
                step: "configuration",
                message: "\(file) is not JSON that can be read: line \(line): \(error.reason)"
            )
        }
        path = ""
    }

    private init(value: JSONValue, path: String) {
        self.value = value
        self.path = path
    }

    /// An error about this place.
    func failure(_ message: String, code: SyncError.Code = .invalidConfiguration) -> SyncError {
        SyncError(code, step: "configuration", path: path, message: message)
    }

    /// The members of an object, by name; a name that is not known is an error with the nearest one that is.
    func members(_ known: [String]) throws(SyncError) -> [String: ConfigurationNode] {
        let members = try self.members()
        for (name, member) in members.sorted(by: { $0.key < $1.key }) where !known.contains(name) {
            throw member.failure("unknown key \"\(name)\"; \(Self.hint(for: name, among: known))")
        }
        return members
    }

    /// The members of an object whose names are free.
    func members() throws(SyncError) -> [String: ConfigurationNode] {
        guard case .object(let members) = value else { throw wrongType("an object") }
        var nodes: [String: ConfigurationNode] = [:]
        for (name, member) in members {
            nodes[name] = ConfigurationNode(value: member, path: path.isEmpty ? name : "\(path).\(name)")
        }
        return nodes
    }

    /// The elements of an array.
    func elements() throws(SyncError) -> [ConfigurationNode] {
        guard case .array(let values) = value else { throw wrongType("an array") }
        var nodes: [ConfigurationNode] = []
        for (index, element) in values.enumerated() {
            nodes.append(ConfigurationNode(value: element, path: "\(path)[\(index)]"))
        }
        return nodes
    }

    func text() throws(SyncError) -> String {
        guard case .string(let text) = value else { throw wrongType("a string") }
        return text
    }

    func texts() throws(SyncError) -> [String] {
        var texts: [String] = []
        for element in try elements() { texts.append(try element.text()) }
        return texts
    }

    func textsByName() throws(SyncError) -> [String: String] {
        var texts: [String: String] = [:]
        for (name, member) in try members() { texts[name] = try member.text() }
        return texts
    }

    func boolean() throws(SyncError) -> Bool {
        guard case .boolean(let bit) = value else { throw wrongType("true or false") }
        return bit
    }

    func integer(in range: ClosedRange<Int>) throws(SyncError) -> Int {
        guard case .number(let digits) = value, let number = Int(digits) else {
            throw wrongType("a whole number")
        }
        guard range.contains(number) else {
            let nearest = number < range.lowerBound ? range.lowerBound : range.upperBound
            throw failure(
                "\(number) is not between \(range.lowerBound) and \(range.upperBound); the nearest that is allowed is \(nearest)"
            )
        }
        return number
    }

    /// A share of a whole, 0 to 1.
    func share() throws(SyncError) -> Double {
        guard case .number(let digits) = value, let number = Double(digits) else {
            throw wrongType("a share")
        }
        guard (0...1).contains(number) else {
            throw failure(
                "\(digits) is not between 0 and 1; write a share such as 0.01, which is one in a hundred"
            )
        }
        return number
    }

    /// One of the values of an enumeration.
    func choice<Choice: RawRepresentable & CaseIterable>(_: Choice.Type) throws(SyncError) -> Choice
    where Choice.RawValue == String {
        let name = try text()
        guard let choice = Choice(rawValue: name) else {
            let known = Choice.allCases.map(\.rawValue)
            let all = known.map { "\"\($0)\"" }.joined(separator: ", ")
            throw failure("\"\(name)\" is none of \(all); \(Self.hint(for: name, among: known))")
        }
        return choice
    }

    /// One of the names that are configured elsewhere.
    func reference(_ what: String, among known: some Sequence<String>) throws(SyncError) -> String {
        let name = try text()
        let names = known.sorted()
        guard names.contains(name) else {
            let hint = names.isEmpty ? "there is none" : Self.hint(for: name, among: names)
            throw failure("no \(what) \"\(name)\" is configured; \(hint)")
        }
        return name
    }

    /// The nearest of the known names, or all of them where none is near.
    static func hint(for name: String, among known: [String]) -> String {
        let near = known.map { (name: $0, distance: distance(name, $0)) }.min { $0.distance < $1.distance }
        if let near, near.distance <= max(3, name.count / 3) { return "did you mean \"\(near.name)\"?" }
        return "known are \(known.sorted().joined(separator: ", "))"
    }

    /// This object over another: what it lacks comes from there, objects within objects too; tables are joined by
    /// schema and name.
    func over(_ base: ConfigurationNode) -> ConfigurationNode {
        ConfigurationNode(value: Self.merge(value, over: base.value, named: ""), path: path)
    }

    private static func merge(_ own: JSONValue, over base: JSONValue, named name: String) -> JSONValue {
        switch (own, base) {
        case (.object(let own), .object(let base)):
            var merged = base
            for (key, value) in own {
                merged[key] = base[key].map { merge(value, over: $0, named: key) } ?? value
            }
            return .object(merged)
        case (.array(let own), .array(let base)) where name == "tables":
            func identity(_ table: JSONValue) -> [String?] {
                [table["schema"]?.string, table["name"]?.string]
            }
            var merged = base
            for table in own {
                if let index = merged.firstIndex(where: { identity($0) == identity(table) }) {
                    merged[index] = merge(table, over: merged[index], named: "")
                } else {
                    merged.append(table)
                }
            }
            return .array(merged)
        default: return own
        }
    }

    var isNull: Bool { value == .null }

    private func wrongType(_ wanted: String) -> SyncError {
        let found =
            switch value {
            case .null: "null"
            case .boolean: "true or false"
            case .number: "a number"
            case .string: "a string"
            case .array: "an array"
            case .object: "an object"
            }
        return failure("must be \(wanted), not \(found); write \(Self.example(of: wanted))")
    }

    private static func example(of wanted: String) -> String {
        switch wanted {
        case "a string": "\"text\""
        case "a whole number": "a number such as 4"
        case "a share": "a number such as 0.01"
        case "an array": "[…]"
        case "an object": "{…}"
        default: wanted
        }
    }

    /// The least number of changed, added and dropped characters between two names.
    private static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.lowercased().utf8)
        let right = Array(right.lowercased().utf8)
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in right.enumerated() {
                let cost = min(row[column + 1] + 1, row[column] + 1, diagonal + (byte == other ? 0 : 1))
                diagonal = row[column + 1]
                row[column + 1] = cost
            }
        }
        return row[right.count]
    }
}

extension [String: ConfigurationNode] {
    /// A member that must be there and not be null.
    func required(_ name: String, of node: ConfigurationNode) throws(SyncError) -> ConfigurationNode {
        guard let member = present(name) else {
            throw node.failure("\"\(name)\" is missing; add \"\(name)\": …")
        }
        return member
    }

    /// A member that is there and not null.
    func present(_ name: String) -> ConfigurationNode? {
        self[name].flatMap { $0.isNull ? nil : $0 }
    }
}
