/// A bound as statistics write it; numbers stay text, so that decimals and 64-bit integers are exact.
public enum StatisticsValue: Sendable, Hashable {
    /// A JSON number.
    case number(String)
    /// A JSON string.
    case string(String)
}

/// The statistics of a data file: of its columns, and of what structures are made of.
///
/// The protocol's section "Per-file Statistics".
public struct FileStatistics: Sendable, Hashable {
    /// The number of rows in the file.
    public var numRecords: Int64
    /// The least value by column.
    public var minValues: [String: StatisticsValue] = [:]
    /// The greatest value by column.
    public var maxValues: [String: StatisticsValue] = [:]
    /// The number of missing values by column.
    public var nullCount: [String: Int64] = [:]
    /// What is known of the leaves of structures, by the names from the column down to the leaf.
    public var leaves: [[String]: LeafStatistics] = [:]

    /// Makes statistics.
    public init(numRecords: Int64) {
        self.numRecords = numRecords
    }

    /// Reads statistics; nil when they cannot be read, as files may go without.
    public init?(json: String) {
        guard let value = try? JSONParser.parse(json), let count = value["numRecords"]?.integer else {
            return nil
        }
        numRecords = count
        minValues = Self.bounds(value["minValues"])
        maxValues = Self.bounds(value["maxValues"])
        nullCount = value["nullCount"]?.object?.compactMapValues(\.integer) ?? [:]
        Self.forEachLeaf(value["minValues"]) { leaves[$0, default: .init()].min = Self.bound($1) }
        Self.forEachLeaf(value["maxValues"]) { leaves[$0, default: .init()].max = Self.bound($1) }
        Self.forEachLeaf(value["nullCount"]) { leaves[$0, default: .init()].nullCount = $1.integer }
    }

    /// The statistics as the log keeps them.
    public var json: String {
        JSONValue.object([
            "numRecords": .number(String(numRecords)),
            "minValues": nested(minValues.mapValues(\.json), \.min?.json),
            "maxValues": nested(maxValues.mapValues(\.json), \.max?.json),
            "nullCount": nested(nullCount.mapValues { .number(String($0)) }) { leaf in
                leaf.nullCount.map { .number(String($0)) }
            },
        ]).text
    }

    /// The values of columns, with those of the leaves in objects of their own.
    private func nested(_ columns: [String: JSONValue], _ value: (LeafStatistics) -> JSONValue?) -> JSONValue
    {
        leaves.reduce(into: .object(columns)) { object, leaf in
            if let value = value(leaf.value) { object = object.setting(leaf.key[...], to: value) }
        }
    }

    /// Statistics whose bounds may be wider than the rows, as some of them have left the table.
    public static func loosened(_ json: String) -> String {
        guard case .object(var members)? = try? JSONParser.parse(json) else { return json }
        members["tightBounds"] = .boolean(false)
        return JSONValue.object(members).text
    }

    private static func bounds(_ value: JSONValue?) -> [String: StatisticsValue] {
        value?.object?.compactMapValues { bound($0) } ?? [:]
    }

    private static func bound(_ value: JSONValue) -> StatisticsValue? {
        switch value {
        case .number(let text): .number(text)
        case .string(let text): .string(text)
        default: nil
        }
    }

    /// What lies within the objects of an object, with the names on the way to it.
    private static func forEachLeaf(
        _ value: JSONValue?,
        below path: [String] = [],
        _ body: ([String], JSONValue) -> Void
    ) {
        for (name, member) in value?.object ?? [:] {
            if case .object = member {
                forEachLeaf(member, below: path + [name], body)
            } else if !path.isEmpty {
                body(path + [name], member)
            }
        }
    }
}

/// What statistics tell of a leaf of a structure.
public struct LeafStatistics: Sendable, Hashable {
    /// The least value.
    public var min: StatisticsValue?
    /// The greatest value.
    public var max: StatisticsValue?
    /// The number of rows in which the leaf is missing, or a structure around it.
    public var nullCount: Int64?

    /// Makes statistics that tell nothing yet.
    public init() {}
}

extension JSONValue {
    /// The object with a member set that lies within objects, which are made where they are missing.
    fileprivate func setting(_ path: ArraySlice<String>, to value: JSONValue) -> JSONValue {
        guard let name = path.first else { return value }
        var members = object ?? [:]
        members[name] = (members[name] ?? .object([:])).setting(path.dropFirst(), to: value)
        return .object(members)
    }
}

extension StatisticsValue {
    fileprivate var json: JSONValue {
        switch self {
        case .number(let text): .number(text)
        case .string(let text): .string(text)
        }
    }
}
