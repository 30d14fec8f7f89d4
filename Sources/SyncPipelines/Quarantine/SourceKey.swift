import ColumnBatches
import DeltaLog
import DeltaTables

/// The key of a source's row as JSON, by the names of its columns: `{"id":7}`.
///
/// Whole numbers are numbers, bytes are hexadecimal, everything else is text as partition values are.
enum SourceKey {
    /// The text of a key.
    static func text(_ values: [ColumnValue], fields: [Field]) -> String {
        var members: [String: JSONValue] = [:]
        for (field, value) in zip(fields, values) { members[field.name] = json(value) }
        return JSONValue.object(members).text
    }

    /// The values of a text, or nil when it is no key of these columns.
    static func values(_ text: String, fields: [Field]) -> [ColumnValue]? {
        guard let members = try? JSONParser.parseWithoutDuplicates(text).object,
            members.count == fields.count
        else { return nil }
        var values: [ColumnValue] = []
        for field in fields {
            guard let member = members[field.name], let value = value(member, field.type) else { return nil }
            values.append(value)
        }
        return values
    }

    private static func json(_ value: ColumnValue) -> JSONValue {
        switch value {
        case .integer, .unsigned: .number(PartitionValueText.text(value) ?? "0")
        case .binary(let bytes): .string(hexadecimal(bytes))
        default: .string(PartitionValueText.text(value) ?? "")
        }
    }

    private static func value(_ member: JSONValue, _ type: ColumnType) -> ColumnValue? {
        switch (member, type) {
        case (.string(let text), .binary): return bytes(text).map { .binary($0) }
        case (.string(let text), .string): return .string(text)
        case (.string(let text), _), (.number(let text), _):
            let value = PartitionValueText.value(text, type: type)
            return value == .null ? nil : value
        default: return nil
        }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { (($0 < 16 ? "0" : "") + String($0, radix: 16)) }.joined()
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}
