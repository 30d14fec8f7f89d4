/// What becomes of values that the lake has no type for, or more than one.
///
/// Every choice is exact or counted: none rounds, cuts off or guesses.
public struct ValuePolicy: Sendable, Hashable {
    /// What becomes of dates that no calendar has, such as `0000-00-00` or `2024-02-00`.
    public enum ImpossibleDates: String, Sendable, Hashable, CaseIterable {
        /// They are read as missing, and counted in the report.
        case null
        /// The column is text in the lake, as the source writes it; impossible dates are counted.
        case text
        /// They end the read with an error that names the column.
        case fail
    }

    /// What becomes of decimals of more than 38 digits.
    public enum WideDecimals: String, Sendable, Hashable, CaseIterable {
        /// The column is text in the lake, with every digit.
        case text
        /// The column is refused by name.
        case fail
    }

    /// What becomes of durations, which may be negative and longer than a day.
    public enum Durations: String, Sendable, Hashable, CaseIterable {
        /// A long of signed microseconds.
        case microseconds
        /// Text, as the source writes it.
        case text
    }

    /// What a `TINYINT(1)` is.
    public enum SmallIntegers: String, Sendable, Hashable, CaseIterable {
        /// A number, as every other `TINYINT`.
        case number
        /// A boolean; any value but 0 and 1 ends the read with an error that names the column.
        case boolean
    }

    /// How geometries are stored.
    public enum Geometries: String, Sendable, Hashable, CaseIterable {
        /// As the source stores them: the reference system in four bytes, least first, then well-known binary.
        case sridAndWKB = "srid+wkb"
        /// Well-known binary alone; a geometry with a reference system ends the read with an error.
        case wkb
    }

    /// What becomes of values of another kind than their column declares, where a source lets them in.
    public enum LooseValues: String, Sendable, Hashable, CaseIterable {
        /// They end the read with an error that names the column.
        case fail
        /// They are read as missing, and counted in the report.
        case null
        /// The column is text in the lake; numbers are written in full, bytes as `X'0A'` and counted.
        case text
    }

    /// How a column holds instants, in sources that have no type for them.
    public enum Instants: String, Sendable, Hashable, CaseIterable {
        /// As text, `2026-01-31 12:00:00.5`; in UTC unless it ends with a distance from it.
        case text
        /// As seconds since 1970-01-01T00:00:00Z.
        case seconds
        /// As milliseconds since then.
        case milliseconds
        /// As microseconds since then.
        case microseconds
    }

    /// What becomes of dates that no calendar has.
    public var impossibleDates: ImpossibleDates = .null
    /// What becomes of decimals of more than 38 digits.
    public var wideDecimals: WideDecimals = .text
    /// What becomes of durations.
    public var durations: Durations = .microseconds
    /// What a `TINYINT(1)` is.
    public var tinyint1: SmallIntegers = .number
    /// How geometries are stored.
    public var geometries: Geometries = .sridAndWKB
    /// How far the wall clock of columns without a zone, `DATETIME`, is ahead of UTC; nil keeps them without a zone.
    ///
    /// A zone with summer time cannot be declared: in the hour that it repeats, a wall clock names two instants.
    public var wallClockOffset: Duration?

    /// What becomes of values of another kind than their column declares, where a source lets them in.
    public var looseValues: LooseValues = .fail
    /// Declares that the column holds instants, and how; nil goes by the column's type alone.
    ///
    /// Counts for sources that have no type for instants. A policy for all columns changes only those that are
    /// declared as times; one for a single column makes an instant of it whatever its type.
    public var instants: Instants?

    /// Makes the policy that loses nothing but impossible dates, and counts those.
    public init() {}
}

/// The policies of a table: one for all columns, and others for some.
public struct ValuePolicies: Sendable, Hashable {
    /// The policy of the columns that have no own one.
    public var common: ValuePolicy
    /// The policies of single columns, by the column's name in the source, in lower case.
    public var columns: [String: ValuePolicy]

    /// Makes policies.
    public init(common: ValuePolicy = ValuePolicy(), columns: [String: ValuePolicy] = [:]) {
        self.common = common
        self.columns = columns
    }

    /// The policy of a column.
    public subscript(column: String) -> ValuePolicy { columns[column.lowercased()] ?? common }
}

/// How many values of a column were read by a rule that the reader of the lake should know of.
public struct ValueNotice: Sendable, Hashable, Codable {
    /// The column in the source.
    public var column: String
    /// The rule, such as `impossibleDates: null`.
    public var rule: String
    /// The number of values.
    public var count: Int

    /// Makes a notice.
    public init(column: String, rule: String, count: Int) {
        self.column = column
        self.rule = rule
        self.count = count
    }
}
