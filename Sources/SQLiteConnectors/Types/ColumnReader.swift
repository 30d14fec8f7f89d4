#if SQLite
import ColumnBatches
import SourceConnectors

/// Brings the values of one result column into a builder, each exactly or by a named policy.
struct ColumnReader {
    /// The field of the batch.
    let field: Field
    private let declared: DeclaredType
    private let policy: ValuePolicy
    private let instants: InstantReader
    private var builder: ColumnBuilder
    private(set) var impossibleDates = 0
    private(set) var looseValues = 0
    private let setsDefectsAside: Bool
    /// What could not be represented since the last batch.
    private var defects: [RowDefect] = []

    init(_ field: Field, declared: DeclaredType, policy: ValuePolicy, setsDefectsAside: Bool = false) {
        self.setsDefectsAside = setsDefectsAside
        self.field = field
        self.declared = declared
        self.policy = policy
        instants = InstantReader(declared, field.type, policy)
        builder = ColumnBuilder(field.type)
    }

    /// Takes the column over; the reader starts anew.
    mutating func finish() -> Column { builder.finish() }

    /// Takes over what could not be represented; the rows have a missing value in its place.
    mutating func takeDefects() -> [RowDefect] {
        defer { defects = [] }
        return defects
    }

    /// Takes the counts of values that were read by a rule.
    mutating func takeCounts(into notices: NoticeCounter) {
        notices.add(
            impossibleDates,
            column: field.name,
            rule: "impossibleDates: \(policy.impossibleDates.rawValue)"
        )
        notices.add(looseValues, column: field.name, rule: "looseValues: \(policy.looseValues.rawValue)")
        (impossibleDates, looseValues) = (0, 0)
    }

    /// Reads the value of the current row; returns its size in bytes.
    mutating func read(_ statement: Statement, _ column: Int) throws(SourceError) -> Int {
        let storage = statement.storage(column)
        if storage == .null {
            builder.appendNulls(1)
            return 8
        }
        switch field.type {
        case .string: return try readText(statement, column, storage)
        case .binary:
            guard storage == .blob else { return try loose() }
            return try statement.withBytes(column) { bytes throws(SourceError) in
                builder.append(bytes: bytes)
                return bytes.count
            }
        case .timestamp, .timestampNTZ:
            switch try instants.read(statement, column) {
            case .time(let time):
                builder.append(field.type == .timestamp ? .timestamp(time) : .timestampNTZ(time))
            case .impossible: return try impossible()
            case .missing: builder.appendNulls(1)
            case .other: return try loose()
            }
        case .date:
            guard storage == .text else { return try loose() }
            switch try statement.withBytes(column, { bytes throws(SourceError) in TimeText.read(bytes) }) {
            case .time(let time) where !time.hasClock:
                builder.append(.date(Int32(time.microseconds / 86_400_000_000)))
            case .impossible: return try impossible()
            case .time, .other: return try loose()
            }
        default:
            guard let value = try number(statement, column, storage) else { return try loose() }
            builder.append(value)
        }
        return 8
    }

    private mutating func readText(_ statement: Statement, _ column: Int, _ storage: Statement.Storage)
        throws(SourceError) -> Int
    {
        let text: String
        switch storage {
        case .text:
            let count: Int? = try statement.withBytes(column) { bytes throws(SourceError) in
                guard (try? UTF8Span(validating: bytes)) != nil else { return nil }
                if isDate, case .impossible = TimeText.read(bytes) { impossibleDates += 1 }
                builder.append(bytes: bytes)
                return bytes.count
            }
            if let count { return count }
            text = try hexadecimal(statement, column)
        case .integer where takesNumbers: text = String(statement.integer(column))
        case .real where takesNumbers: text = "\(statement.real(column))"
        case .blob: text = try hexadecimal(statement, column)
        default: return try loose()
        }
        guard !text.isEmpty else { return 8 }
        builder.append(.string(text))
        return text.utf8.count
    }

    /// Bytes that are no text, where a policy takes them; empty where they were dealt with.
    private mutating func hexadecimal(_ statement: Statement, _ column: Int) throws(SourceError) -> String {
        guard policy.looseValues == .text else {
            _ = try loose()
            return ""
        }
        looseValues += 1
        return try statement.withBytes(column) { bytes throws(SourceError) in
            var text = "X'"
            for index in bytes.indices {
                let digits = String(bytes[index], radix: 16, uppercase: true)
                text += digits.utf8.count == 1 ? "0" + digits : digits
            }
            return text + "'"
        }
    }

    /// Whether the column is text in the lake because it is declared to hold dates.
    private var isDate: Bool { [.date, .wallClock, .instant].contains(declared.kind) }

    /// A column of text converts every number when it is stored, so that none is a surprise.
    private var takesNumbers: Bool { declared.kind != .blob || policy.looseValues == .text }

    /// A number of the field's type that is exactly the value, or nil.
    private func number(_ statement: Statement, _ column: Int, _ storage: Statement.Storage)
        throws(SourceError)
        -> ColumnValue?
    {
        switch (field.type, storage) {
        case (.boolean, .integer):
            let number = statement.integer(column)
            return number == 0 || number == 1 ? .boolean(number == 1) : nil
        case (.int64, .integer): return .integer(statement.integer(column))
        case (.int8, .integer), (.int16, .integer), (.int32, .integer):
            let number = statement.integer(column)
            let fits =
                switch field.type {
                case .int8: Int8(exactly: number) != nil
                case .int16: Int16(exactly: number) != nil
                default: Int32(exactly: number) != nil
                }
            return fits ? .integer(number) : nil
        case (.double, .real): return .double(statement.real(column))
        case (.double, .integer): return Double(exactly: statement.integer(column)).map { .double($0) }
        case (.float, .real): return Float(exactly: statement.real(column)).map { .float($0) }
        case (.float, .integer): return Float(exactly: statement.integer(column)).map { .float($0) }
        case (.decimal(let precision, let scale), .integer):
            return DecimalText(String(statement.integer(column)))?.value(precision, scale)
        case (.decimal(let precision, let scale), .real):
            return DecimalText("\(statement.real(column))")?.value(precision, scale)
        case (.decimal(let precision, let scale), .text):
            let text = try statement.withBytes(column) { bytes throws(SourceError) in
                bytes.count > 100 ? "" : String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
            }
            return DecimalText(text)?.value(precision, scale)
        default: return nil
        }
    }

    private mutating func impossible() throws(SourceError) -> Int {
        guard policy.impossibleDates == .null else {
            return try refuse(
                "impossibleDates: \(policy.impossibleDates.rawValue)",
                "a date is none that a calendar has; set \"impossibleDates\" to \"null\" or \"text\""
            )
        }
        impossibleDates += 1
        builder.appendNulls(1)
        return 8
    }

    private mutating func loose() throws(SourceError) -> Int {
        guard policy.looseValues == .null else {
            let declared = declared.declaration.isEmpty ? "no type" : declared.declaration
            return try refuse(
                "looseValues: \(policy.looseValues.rawValue)",
                "a value is not what \(declared) declares, or no \(field.type) of the lake; set its "
                    + "\"looseValues\" to \"text\" or \"null\", or \"instants\" where it holds times"
            )
        }
        looseValues += 1
        builder.appendNulls(1)
        return 8
    }

    /// Ends the read at a value that cannot be represented, or notes it and leaves the row without one.
    private mutating func refuse(_ rule: String, _ reason: String) throws(SourceError) -> Int {
        guard setsDefectsAside else {
            throw SourceError(.unrepresentableValue, column: field.name, message: reason)
        }
        defects.append(RowDefect(row: builder.count, column: field.name, rule: rule, reason: reason))
        builder.appendNulls(1)
        return 8
    }
}
#endif
