public import ColumnBatches
import DeltaTables

/// A row as one line of JSON that is the same for the same values, whoever prints it.
///
/// Keys are sorted by their bytes; decimals, floats, dates, instants, times and bytes are strings with one spelling
/// each; a map is a list of pairs, sorted by its keys.
public enum CanonicalRow {
    /// The line of a row, without the line break.
    public static func line(_ batch: ColumnBatch, _ row: Int) -> [UInt8] {
        var line: [UInt8] = []
        append(zip(batch.schema.fields, batch.columns).map { ($0.name, $1) }, row, to: &line)
        return line
    }

    /// The same as text.
    public static func text(_ batch: ColumnBatch, _ row: Int) -> String {
        String(decoding: line(batch, row), as: UTF8.self)
    }

    private static func append(_ members: [(String, Column)], _ row: Int, to line: inout [UInt8]) {
        line.append(UInt8(ascii: "{"))
        let sorted = members.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
        for (index, (name, column)) in sorted.enumerated() {
            if index > 0 { line.append(UInt8(ascii: ",")) }
            appendQuoted(name.utf8, to: &line)
            line.append(UInt8(ascii: ":"))
            append(column, row, to: &line)
        }
        line.append(UInt8(ascii: "}"))
    }

    private static func append(_ column: Column, _ row: Int, to line: inout [UInt8]) {
        if column.isNull(row) { return line.append(contentsOf: "null".utf8) }
        switch (column.storage, column.type) {
        case (.list(let lists), _): append(lists[row], to: &line) { append(lists.elements, $0, to: &$1) }
        case (.structure(let structures), .structure(let fields)):
            append(zip(fields, structures.fields).map { ($0.name, $1) }, row, to: &line)
        case (.map(let maps), _):
            var pairs = maps[row].map { index in
                var key: [UInt8] = []
                append(maps.keys, index, to: &key)
                return (key: key, index: index)
            }
            pairs.sort { $0.key.lexicographicallyPrecedes($1.key) }
            append(pairs.indices, to: &line) { index, line in
                line.append(UInt8(ascii: "["))
                line.append(contentsOf: pairs[index].key)
                line.append(UInt8(ascii: ","))
                append(maps.values, pairs[index].index, to: &line)
                line.append(UInt8(ascii: "]"))
            }
        case (.bytes(let texts), .string): appendQuoted(texts[row], to: &line)
        case (.dictionary(let texts), .string): appendQuoted(texts[row], to: &line)
        default: line.append(contentsOf: text(column[row]).utf8)
        }
    }

    private static func append(
        _ range: Range<Int>,
        to line: inout [UInt8],
        _ element: (Int, inout [UInt8]) -> Void
    ) {
        line.append(UInt8(ascii: "["))
        for index in range {
            if index > range.lowerBound { line.append(UInt8(ascii: ",")) }
            element(index, &line)
        }
        line.append(UInt8(ascii: "]"))
    }

    private static func text(_ value: ColumnValue) -> String {
        switch value {
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
        case .time(let time, let unit): "\"" + clock(time, unit) + "\""
        case .binary(let bytes):
            "\"" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\""
        case .null, .string, .list, .structure, .map: "null"
        }
    }

    private static func real<Number: BinaryFloatingPoint & CustomStringConvertible>(_ number: Number)
        -> String
    {
        number.isNaN
            ? "NaN" : number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : number.description
    }

    private static func clock(_ time: Int64, _ unit: TimeUnit) -> String {
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = String(number.magnitude)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        let scale: Int64 = unit == .microseconds ? 1_000_000 : 1_000_000_000
        let seconds = time / scale
        return
            "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
            + ".\(padded(time % scale, unit == .microseconds ? 6 : 9))"
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    private static func appendQuoted(_ text: some Sequence<UInt8>, to line: inout [UInt8]) {
        line.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""): line.append(contentsOf: "\\\"".utf8)
            case UInt8(ascii: "\\"): line.append(contentsOf: "\\\\".utf8)
            case 0x08: line.append(contentsOf: "\\b".utf8)
            case 0x09: line.append(contentsOf: "\\t".utf8)
            case 0x0A: line.append(contentsOf: "\\n".utf8)
            case 0x0C: line.append(contentsOf: "\\f".utf8)
            case 0x0D: line.append(contentsOf: "\\r".utf8)
            case 0..<0x20:
                line.append(contentsOf: "\\u00".utf8)
                line.append(hexDigits[Int(byte >> 4)])
                line.append(hexDigits[Int(byte & 15)])
            default: line.append(byte)
            }
        }
        line.append(UInt8(ascii: "\""))
    }
}
