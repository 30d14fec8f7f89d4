public import ColumnBatches
import DeltaLog

/// A row as one line of JSON that is the same for the same values, whoever prints it.
///
/// Keys are sorted by their bytes; decimals, floats, dates, instants and bytes are strings with one spelling each; a map
/// is an array of pairs, sorted; a variant is what it decodes to.
public struct CanonicalRow: Sendable {
    private let columns: [TableColumn]

    /// Prints rows of a table.
    public init(_ schema: TableSchema) {
        columns = schema.columns
    }

    /// Prints rows of batches with these columns.
    public init(_ schema: BatchSchema) {
        columns = schema.fields.map { TableColumn($0) }
    }

    /// The line of a row.
    public func text(_ batch: ColumnBatch, _ row: Int) -> String {
        Self.object(
            zip(batch.schema.fields, batch.columns).map { field, column in
                let known = columns.first { $0.name == field.name } ?? TableColumn(field)
                return (field.name, Self.text(column[row], known))
            }
        )
    }

    private static func object(_ members: [(String, String)]) -> String {
        let sorted = members.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
        return "{" + sorted.map { quoted($0.0) + ":" + $0.1 }.joined(separator: ",") + "}"
    }

    private static func text(_ value: ColumnValue, _ column: TableColumn) -> String {
        switch value {
        case .null: return "null"
        case .structure(let values) where column.kind == .variant: return variant(values)
        case .structure(let values):
            return object(zip(column.children, values).map { ($0.name, text($1, $0)) })
        case .list(let values):
            return "[" + values.map { text($0, column.children[0]) }.joined(separator: ",") + "]"
        case .map(let pairs):
            let texts = pairs.map { (text($0.key, column.children[0]), text($0.value, column.children[1])) }
            let sorted = texts.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
            return "[" + sorted.map { "[\($0.0),\($0.1)]" }.joined(separator: ",") + "]"
        default: return text(value)
        }
    }

    private static func text(_ value: ColumnValue) -> String {
        switch value {
        case .null, .structure, .list, .map: "null"
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
        case .time(let time, let unit): "\"" + CalendarText.time(time, unit) + "\""
        case .string(let text): quoted(text)
        case .binary(let bytes): "\"" + hexadecimal(bytes) + "\""
        }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func variant(_ values: [ColumnValue]) -> String {
        guard values.count == 2, case .binary(let metadata) = values[0], case .binary(let value) = values[1]
        else { return "null" }
        if let decoded = VariantDecoder.decode(metadata: metadata, value: value) { return text(decoded) }
        return "{\"metadata\":\"\(hexadecimal(metadata))\",\"value\":\"\(hexadecimal(value))\"}"
    }

    private static func text(_ value: VariantValue) -> String {
        switch value {
        case .plain(let value): text(value)
        case .uuid(let bytes): "\"" + uuid(bytes) + "\""
        case .array(let values): "[" + values.map { text($0) }.joined(separator: ",") + "]"
        case .object(let members): object(members.map { ($0.name, text($0.value)) })
        }
    }

    private static func uuid(_ bytes: [UInt8]) -> String {
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text += "-" }
            text += hexadecimal([byte])
        }
        return text
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
