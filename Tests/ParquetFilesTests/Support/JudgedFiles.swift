import ColumnBatches
import Foundation
import ParquetFiles

/// Files for other readers, each with its rows as lines of JSON beside it.
struct JudgedFiles {
    let folder: URL

    init(folder: URL) throws {
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Writes a batch and what is in it.
    func add(_ name: String, _ batch: ColumnBatch, _ options: ParquetWriterOptions = ParquetWriterOptions())
        throws
    {
        try write(name, batch, options)
        let lines = (0..<batch.rowCount).map { row in
            "[" + batch.row(row).map(Self.json).joined(separator: ",") + "]\n"
        }
        try Data(lines.joined().utf8).write(to: folder.appendingPathComponent(name + ".rows"))
    }

    /// Writes a batch of many rows, of which only the sum of the first column is told.
    func add(_ name: String, _ batch: ColumnBatch, sum: Int, _ options: ParquetWriterOptions) throws {
        try write(name, batch, options)
        let line = "{\"rows\":\(batch.rowCount),\"sum\":\(sum)}\n"
        try Data(line.utf8).write(to: folder.appendingPathComponent(name + ".rows"))
    }

    private func write(_ name: String, _ batch: ColumnBatch, _ options: ParquetWriterOptions) throws {
        let path = folder.appendingPathComponent(name + ".parquet").path
        var writer = try ParquetFileWriter(path: path, schema: batch.schema, options: options)
        try writer.append(batch)
        _ = try writer.finish()
    }

    static func json(_ value: ColumnValue) -> String {
        switch value {
        case .null: "null"
        case .boolean(let bit): "\(bit)"
        case .integer(let number): "\(number)"
        case .unsigned(let number): "\(number)"
        case .date(let days): "\(days)"
        case .timestamp(let time), .timestampNTZ(let time): "\(time)"
        case .time(let time, .microseconds): "\(time * 1000)"
        case .time(let time, .nanoseconds): "\(time)"
        case .float(let number): real(Double(number))
        case .double(let number): real(number)
        case .decimal(let unscaled, let scale): "\"d:\(decimal(unscaled, scale))\""
        case .string(let text): quoted("s:" + text)
        case .binary(let bytes): "\"b:" + bytes.map { hex(UInt64($0), 2) }.joined() + "\""
        case .list(let elements): "[" + elements.map(json).joined(separator: ",") + "]"
        case .structure(let fields): "[" + fields.map(json).joined(separator: ",") + "]"
        case .map(let pairs):
            "[" + pairs.map { "[\(json($0.key)),\(json($0.value))]" }.joined(separator: ",") + "]"
        }
    }

    private static func real(_ number: Double) -> String {
        number.isNaN ? "\"f:nan\"" : "\"f:\(hex(number.bitPattern, 16))\""
    }

    private static func hex(_ number: UInt64, _ digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: digits - text.count) + text
    }

    /// Without zeros at the end.
    private static func decimal(_ unscaled: Int128, _ scale: Int) -> String {
        var digits = String(unscaled.magnitude)
        if digits.count <= scale { digits = String(repeating: "0", count: scale + 1 - digits.count) + digits }
        var text = String(digits.dropLast(scale))
        var fraction = digits.suffix(scale)
        while fraction.last == "0" { fraction.removeLast() }
        if !fraction.isEmpty { text += "." + fraction }
        return (unscaled < 0 ? "-" : "") + text
    }

    private static func quoted(_ text: String) -> String {
        let parts = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\" + String(scalar)
            case _ where scalar.value < 0x20: "\\u00" + hex(UInt64(scalar.value), 2)
            default: String(scalar)
            }
        }
        return "\"" + parts.joined() + "\""
    }
}
