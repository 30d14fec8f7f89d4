import ColumnBatches
import ParquetFiles

/// Puts variants together that a file holds in typed columns; the Parquet format's "Variant Shredding".
struct VariantAssembly {
    private let names: [String]
    private let ids: [String: Int]

    /// Reads the names that a variant's metadata have; nil when these are damaged.
    init?(metadata: [UInt8]) {
        guard let names = VariantDecoder.names(metadata) else { return nil }
        self.names = names
        ids = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    }

    /// The value of a group of `value` and `typed_value` in its binary form.
    ///
    /// - Returns: The bytes; nil where there is no value at all, as for a member that an object does not have.
    /// - Throws: `VariantDamage` when the two contradict each other, or cannot be read.
    func value(_ group: ColumnValue, _ type: ColumnType, _ field: ParquetField) throws(VariantDamage)
        -> [UInt8]?
    {
        if group == .null { return nil }
        guard case .structure(let parts) = group, case .structure(let fields) = type,
            parts.count == fields.count, field.children.count == fields.count
        else { throw VariantDamage() }
        var plain: [UInt8]?
        var typed: (value: ColumnValue, type: ColumnType, field: ParquetField)?
        for (index, part) in parts.enumerated() where part != .null {
            if fields[index].name == "typed_value" {
                typed = (part, fields[index].type, field.children[index])
            } else if fields[index].name == "value", case .binary(let bytes) = part {
                plain = bytes
            }
        }
        guard let typed else { return plain }
        switch (typed.value, typed.type) {
        case (.structure(let values), .structure(let fields)):
            return try object(values, fields, typed.field.children, besides: plain)
        case (.list(let values), .list(let element)):
            guard plain == nil, let part = typed.field.children.first else { throw VariantDamage() }
            var elements: [[UInt8]] = []
            for element in try values.map({ value throws(VariantDamage) in
                try self.value(value, element.type, part)
            }) {
                elements.append(element ?? [0])
            }
            return VariantEncoder.array(elements)
        default:
            guard plain == nil,
                let bytes = VariantEncoder.bytes(typed.value, typed.type, isUUID: typed.field.isUUID)
            else { throw VariantDamage() }
            return bytes
        }
    }

    private func object(
        _ values: [ColumnValue],
        _ fields: [Field],
        _ parts: [ParquetField],
        besides plain: [UInt8]?
    ) throws(VariantDamage) -> [UInt8] {
        guard values.count == fields.count, parts.count == fields.count else { throw VariantDamage() }
        var members: [(id: Int, value: [UInt8])] = []
        for (index, field) in fields.enumerated() {
            guard let bytes = try value(values[index], field.type, parts[index]) else { continue }
            guard let id = ids[field.name] else { throw VariantDamage() }
            members.append((id, bytes))
        }
        if let plain {
            guard let others = VariantDecoder(names: names, bytes: plain).members() else {
                throw VariantDamage()
            }
            for other in others where !members.contains(where: { $0.id == other.id }) {
                members.append(other)
            }
        }
        members.sort { names[$0.id].utf8.lexicographicallyPrecedes(names[$1.id].utf8) }
        return VariantEncoder.object(members)
    }
}

/// A variant in typed columns that cannot be put together.
struct VariantDamage: Error {}
