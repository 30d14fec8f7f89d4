#if SQLite
import ColumnBatches
import SourceConnectors

/// The type that a column was declared with, which SQLite takes as advice.
struct DeclaredType: Sendable, Hashable {
    /// What a column was declared to hold.
    enum Kind: Sendable, Hashable {
        case integer, real, text, blob, boolean, date, wallClock, instant
        case decimal(precision: Int, scale: Int)
        /// Anything: no type, `ANY`, or one that only prefers numbers.
        case anything
    }

    /// As it was declared; empty for none.
    var declaration: String
    /// What it means.
    let kind: Kind

    init(_ declaration: String?) {
        self.declaration = declaration ?? ""
        kind = Self.kind(self.declaration.uppercased())
    }

    /// The type in the lake, or nil where there is none.
    func columnType(_ policies: ValuePolicies, column: String, isStrict: Bool) -> ColumnType? {
        let policy = policies[column]
        if policies.columns[column.lowercased()]?.instants != nil { return .timestamp }
        let type: ColumnType?
        switch kind {
        case .integer: type = .int64
        case .real: type = .double
        case .text, .anything: type = .string
        case .blob: type = .binary
        case .boolean: type = .boolean
        case .date: type = policy.impossibleDates == .text ? .string : .date
        case .wallClock:
            type =
                policy.impossibleDates == .text
                ? .string
                : policy.wallClockOffset == nil && policy.instants == nil ? .timestampNTZ : .timestamp
        case .instant: type = policy.impossibleDates == .text ? .string : .timestamp
        case .decimal(let precision, let scale):
            type =
                precision <= 38
                ? .decimal(precision: precision, scale: scale) : policy.wideDecimals == .text ? .string : nil
        }
        return type != nil && policy.looseValues == .text && !isStrict ? .string : type
    }

    /// Why there is no type in the lake, and what to do.
    func refusal(_ policy: ValuePolicy) -> String? {
        guard case .decimal(let precision, _) = kind, precision > 38, policy.wideDecimals == .fail else {
            return nil
        }
        return
            "it has \(precision) digits, the lake's decimals have 38 at most, and its policy \"wideDecimals\" is "
            + "\"fail\"; set it to \"text\", or leave the column out under \"columns\""
    }

    /// By the name where it is a customary one, else by SQLite's rules of affinity (datatype3, 3.1).
    private static func kind(_ text: String) -> Kind {
        let name = String(text.prefix { $0 != "(" }.filter { $0 != " " })
        switch name {
        case "", "ANY": return .anything
        case "BOOL", "BOOLEAN": return .boolean
        case "DATE": return .date
        case "DATETIME": return .wallClock
        case "DECIMAL", "NUMERIC", "NUMBER": return decimal(text) ?? .anything
        default: break
        }
        if name.hasPrefix("TIMESTAMP") { return .instant }
        if text.contains("INT") { return .integer }
        if ["CHAR", "CLOB", "TEXT"].contains(where: { text.contains($0) }) { return .text }
        if text.contains("BLOB") { return .blob }
        if ["REAL", "FLOA", "DOUB"].contains(where: { text.contains($0) }) { return .real }
        return .anything
    }

    private static func decimal(_ text: String) -> Kind? {
        guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"), open < close else {
            return nil
        }
        let numbers = text[text.index(after: open)..<close].split(separator: ",").map { part in
            Int(part.filter { $0 != " " })
        }
        guard let precision = numbers.first ?? nil, precision > 0, numbers.count <= 2 else { return nil }
        let scale = numbers.count == 2 ? numbers[1] : 0
        guard let scale, (0...precision).contains(scale) else { return nil }
        return .decimal(precision: precision, scale: scale)
    }
}
#endif
