import ColumnBatches
import DeltaLog

/// Statistics that a checkpoint holds as columns, as the text that commits have.
enum StatisticsText {
    static func json(_ column: Column, _ row: Int) -> String? {
        let text = value(column, row)?.text
        return text == "{}" ? nil : text
    }

    private static func value(_ column: Column, _ row: Int) -> JSONValue? {
        if column.isNull(row) { return nil }
        if case .structure(let values) = column.storage, case .structure(let fields) = column.type {
            var members: [String: JSONValue] = [:]
            for (field, child) in zip(fields, values.fields) { members[field.name] = value(child, row) }
            return .object(members)
        }
        switch column[row] {
        case .boolean(let bit): return .boolean(bit)
        case .integer(let number): return .number(String(number))
        case .unsigned(let number): return .number(String(number))
        case .decimal(let unscaled, let scale):
            return .number(PartitionValueText.decimal(unscaled, scale: scale))
        case .float(let number): return number.isFinite ? .number("\(number)") : nil
        case .double(let number): return number.isFinite ? .number("\(number)") : nil
        case .date(let days): return .string(CalendarText.date(Int64(days)))
        case .timestamp(let time): return .string(CalendarText.instant(time) + "Z")
        case .timestampNTZ(let time): return .string(CalendarText.instant(time))
        case .string(let text): return .string(text)
        case .null, .binary, .time, .list, .structure, .map: return nil
        }
    }
}

extension StatisticsText {
    /// A part of statistics as a value of a column; what does not fit the type is missing.
    static func value(_ json: JSONValue, _ type: ColumnType) -> ColumnValue {
        switch (type, json) {
        case (.structure(let fields), .object(let members)):
            return .structure(
                fields.map { field in members[field.name].map { value($0, field.type) } ?? .null }
            )
        case (.boolean, .boolean(let bit)): return .boolean(bit)
        case (.string, .string(let text)): return .string(text)
        case (_, .number(let text)), (_, .string(let text)):
            if type.isNested || type == .string || type == .binary { return .null }
            return PartitionValueText.value(text, type: type) ?? .null
        default: return .null
        }
    }
}
