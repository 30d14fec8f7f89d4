/// A bound as statistics write it; numbers stay text, so that decimals and 64-bit integers are exact.
public enum StatisticsValue: Sendable, Hashable {
    /// A JSON number.
    case number(String)
    /// A JSON string.
    case string(String)
}

/// The statistics of a data file, of its top-level columns.
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
    }

    /// The statistics as the log keeps them.
    public var json: String {
        JSONValue.object([
            "numRecords": .number(String(numRecords)),
            "minValues": .object(minValues.mapValues(\.json)),
            "maxValues": .object(maxValues.mapValues(\.json)),
            "nullCount": .object(nullCount.mapValues { .number(String($0)) }),
        ]).text
    }

    /// Statistics whose bounds may be wider than the rows, as some of them have left the table.
    public static func loosened(_ json: String) -> String {
        guard case .object(var members)? = try? JSONParser.parse(json) else { return json }
        members["tightBounds"] = .boolean(false)
        return JSONValue.object(members).text
    }

    private static func bounds(_ value: JSONValue?) -> [String: StatisticsValue] {
        value?.object?.compactMapValues { bound in
            switch bound {
            case .number(let text): .number(text)
            case .string(let text): .string(text)
            default: nil
            }
        } ?? [:]
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
