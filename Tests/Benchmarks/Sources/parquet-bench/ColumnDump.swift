import ArgumentParser
import ColumnBatches
import Foundation

/// A table whose columns lie in a folder as raw buffers, with a list of them: name, type, whether values are missing.
struct ColumnDump {
    let batch: ColumnBatch

    init(folder: String) throws {
        func bytes(_ name: String) throws -> Data {
            try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))
        }
        func array<Value: BitwiseCopyable>(_ type: Value.Type, _ name: String) throws -> [Value] {
            try bytes(name).withUnsafeBytes { Array($0.bindMemory(to: Value.self)) }
        }
        var fields: [Field] = []
        var columns: [Column] = []
        var rowCount = 0
        for line in try String(decoding: bytes("columns"), as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 4, let rows = Int(words[2]) else {
                throw ValidationError("a bad line: \(line)")
            }
            let name = words[0]
            rowCount = rows
            let type: ColumnType
            let storage: ColumnStorage
            switch words[1] {
            case "boolean":
                type = .boolean
                storage = .boolean(Bitmap(words: try array(UInt64.self, name + ".values"), count: rows))
            case "int32": (type, storage) = (.int32, .int32(try array(Int32.self, name + ".values")))
            case "int64": (type, storage) = (.int64, .int64(try array(Int64.self, name + ".values")))
            case "timestamp":
                (type, storage) = (.timestampNTZ, .int64(try array(Int64.self, name + ".values")))
            case "decimal":
                type = .decimal(precision: 12, scale: 2)
                storage = .int64(try array(Int64.self, name + ".values"))
            case "double": (type, storage) = (.double, .double(try array(Double.self, name + ".values")))
            case "string":
                type = .string
                let values = ByteValues(
                    offsets: try array(Int32.self, name + ".offsets"),
                    bytes: try array(UInt8.self, name + ".values")
                )
                storage = .bytes(values)
            default: throw ValidationError("an unknown type: \(words[1])")
            }
            let validity =
                words[3] == "nulls"
                ? Bitmap(words: try array(UInt64.self, name + ".validity"), count: rows) : nil
            fields.append(Field(name, type))
            columns.append(Column(type: type, storage: storage, validity: validity))
        }
        batch = ColumnBatch(schema: BatchSchema(fields), columns: columns, rowCount: rowCount)
    }
}
