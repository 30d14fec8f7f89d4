import Tributary

/// A row as one line of JSON that is the same for the same values, whoever prints it.
///
/// Keys are sorted by their bytes; decimals, floats, dates, instants and bytes are strings with one spelling each.
enum CanonicalRow {
    static func text(_ batch: ColumnBatch, _ row: Int) -> String {
        let members = zip(batch.schema.fields, batch.columns).map { field, column in
            (field.name, quoted(field.name) + ":" + value(column[row]))
        }
        let sorted = members.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
        return "{" + sorted.map(\.1).joined(separator: ",") + "}"
    }

    private static func value(_ value: ColumnValue) -> String {
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
        }
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
