import Tributary

/// A row as one line of JSON that is the same for the same values, whoever prints it.
///
/// Keys are sorted by their bytes; decimals, floats, dates, instants and bytes are strings with one spelling each.
enum CanonicalRow {
    static func text(_ batch: ColumnBatch, _ row: Int) -> String {
        object(batch.schema.fields, batch.columns.map { $0[row] })
    }

    private static func object(_ fields: [Field], _ values: [ColumnValue]) -> String {
        let members = zip(fields, values).map { field, value in
            (field.name, quoted(field.name) + ":" + text(value, field.type))
        }
        let sorted = members.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
        return "{" + sorted.map(\.1).joined(separator: ",") + "}"
    }

    private static func text(_ value: ColumnValue, _ type: ColumnType) -> String {
        switch value {
        case .null: "null"
        case .boolean(let bit): bit ? "true" : "false"
        case .integer(let number): String(number)
        case .unsigned(let number): String(number)
        case .decimal(let unscaled, let scale):
            "\"" + PartitionValueText.decimal(unscaled, scale: scale) + "\""
        case .float(let number): "\"" + real(number) + "\""
        case .double(let number): "\"" + real(number) + "\""
        case .date(let days): "\"" + CalendarText.date(Int64(days)) + "\""
        case .timestamp(let time): "\"" + CalendarText.instant(time) + "Z\""
        case .timestampNTZ(let time): "\"" + CalendarText.instant(time) + "\""
        case .string(let text): quoted(text)
        case .binary(let bytes):
            "\"" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\""
        case .time(let time, let unit): "\"" + clock(time, unit) + "\""
        case .list(let elements):
            if case .list(let element) = type {
                "[" + elements.map { text($0, element.type) }.joined(separator: ",") + "]"
            } else {
                "[]"
            }
        case .structure(let values):
            if case .structure(let fields) = type { object(fields, values) } else { "{}" }
        case .map(let pairs):
            if case .map(let key, let value) = type { map(pairs, key.type, value.type) } else { "[]" }
        }
    }

    /// The pairs, sorted by the text of their keys.
    private static func map(_ pairs: [ColumnValue.Pair], _ key: ColumnType, _ value: ColumnType) -> String {
        let texts = pairs.map { (text($0.key, key), text($0.value, value)) }
        let sorted = texts.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
        return "[" + sorted.map { "[\($0.0),\($0.1)]" }.joined(separator: ",") + "]"
    }

    /// `HH:mm:ss.ffffff`, nine digits for nanoseconds.
    private static func clock(_ time: Int64, _ unit: TimeUnit) -> String {
        let perSecond: Int64 = unit == .nanoseconds ? 1_000_000_000 : 1_000_000
        func padded(_ number: Int64, _ digits: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        let seconds = time / perSecond
        return padded(seconds / 3600, 2) + ":" + padded(seconds / 60 % 60, 2) + ":" + padded(seconds % 60, 2)
            + "." + padded(time % perSecond, unit == .nanoseconds ? 9 : 6)
    }

    private static func real<Number: BinaryFloatingPoint & CustomStringConvertible>(_ number: Number)
        -> String
    {
        number.isNaN
            ? "NaN" : number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : number.description
    }

    private static func quoted(_ text: String) -> String {
        var line = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            case "\u{08}": line += "\\b"
            case "\t": line += "\\t"
            case "\n": line += "\\n"
            case "\u{0C}": line += "\\f"
            case "\r": line += "\\r"
            case _ where scalar.value < 0x20:
                line += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: line.unicodeScalars.append(scalar)
            }
        }
        return line + "\""
    }
}
