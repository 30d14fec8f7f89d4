/// What a table becomes by some changes; a pure function of what it was.
package struct TableAlteration: Sendable, Hashable {
    /// The metadata afterwards.
    package private(set) var metadata: TableMetadata
    /// The protocol afterwards, with the features that the metadata need.
    package private(set) var `protocol`: TableProtocol
    private var schema: StructType
    private let table: String

    /// Applies changes one after the other.
    ///
    /// - Throws: `DeltaLogError` when one cannot be made, or would leave the table other than its files are.
    package init(_ changes: [TableChange], to snapshot: Snapshot) throws(DeltaLogError) {
        metadata = snapshot.metadata
        self.protocol = snapshot.protocol
        schema = snapshot.schema
        table = snapshot.table
        for change in changes { try apply(change) }
        metadata.schemaString = schema == snapshot.schema ? snapshot.metadata.schemaString : schema.json
        self.protocol = self.protocol.adding(metadata.neededFeatures(schema))
    }

    private func refused(_ message: String) -> DeltaLogError {
        DeltaLogError(.invalidChange, table: table, message: message)
    }

    private mutating func apply(_ change: TableChange) throws(DeltaLogError) {
        switch change {
        case .addColumn(let field, let parent, let place): try add(field, to: parent, place)
        case .dropColumn(let path): try drop(path)
        case .renameColumn(let path, let name): try rename(path, to: name)
        case .widenColumn(let path, let type): try widen(path, to: type)
        case .moveColumn(let path, let place):
            schema = try editing(path.dropLast()) { fields throws(DeltaLogError) in
                let field = fields.remove(at: try position(of: path, in: fields))
                fields.insert(field, at: try index(of: place, in: fields))
            }
        case .makeNullable(let path):
            schema = try editing(path.dropLast()) { fields throws(DeltaLogError) in
                fields[try position(of: path, in: fields)].isNullable = true
            }
        case .set(let key, let value): try set(key, value)
        case .unset(let key): try unset(key)
        }
    }

    // MARK: Columns

    private mutating func add(_ field: StructField, to parent: [String], _ place: TableChange.Place)
        throws(DeltaLogError)
    {
        guard field.isNullable else {
            throw refused("the column \(field.name) must be nullable, as present rows have no value in it")
        }
        var field = field
        field.metadata = field.metadata.filter { !$0.key.hasPrefix("delta.columnMapping.") }
        let mapping = metadata.columnMapping
        if mapping == .none { try checkPlain(field) }
        if mapping != .none {
            var numbers = ColumnNumbers(next: metadata.maxColumnID(schema) + 1, keepsNames: false)
            field = numbers.number(field)
            metadata.configuration[ColumnNumbers.property] = String(numbers.next - 1)
        }
        schema = try editing(parent[...]) { fields throws(DeltaLogError) in
            try checkFree(field.name, in: fields)
            fields.insert(field, at: try index(of: place, in: fields))
        }
    }

    /// Names in files cannot have all characters; mapped columns have other names there.
    private func checkPlain(_ field: StructField) throws(DeltaLogError) {
        for (name, field) in [(field.name, field)] + StructType(fields: [field]).namedFields
        where field.name.isEmpty || field.name.utf8.contains(where: { " ,;{}()\n\t=".utf8.contains($0) }) {
            throw refused("\"\(name)\" cannot be the name of a column unless the table has column mapping")
        }
    }

    private func checkFree(_ name: String, in fields: [StructField]) throws(DeltaLogError) {
        // Names are compared as engines do: without case, and not with those that files use for other columns.
        let taken = fields.contains { field in
            field.name.lowercased() == name.lowercased()
        }
        if taken { throw refused("there is a column \(name) already") }
    }

    private mutating func drop(_ path: [String]) throws(DeltaLogError) {
        try checkMapped("dropped")
        try checkUnused(path)
        if path.count == 1, metadata.partitionColumns.contains(path[0]) {
            throw refused("\(path[0]) is a partition column, which cannot be dropped")
        }
        schema = try editing(path.dropLast()) { fields throws(DeltaLogError) in
            fields.remove(at: try position(of: path, in: fields))
            if fields.isEmpty { throw refused("a table, or a structure, cannot be without columns") }
        }
        if schema.fields.allSatisfy({ metadata.partitionColumns.contains($0.name) }) {
            throw refused("a table needs a column that is no partition column")
        }
    }

    private mutating func rename(_ path: [String], to name: String) throws(DeltaLogError) {
        try checkMapped("renamed")
        try checkUnused(path)
        guard !name.isEmpty else { throw refused("a column needs a name") }
        schema = try editing(path.dropLast()) { fields throws(DeltaLogError) in
            let index = try position(of: path, in: fields)
            var others = fields
            others.remove(at: index)
            try checkFree(name, in: others)
            fields[index].name = name
        }
        if path.count == 1, let index = metadata.partitionColumns.firstIndex(of: path[0]) {
            metadata.partitionColumns[index] = name
        }
    }

    private func checkMapped(_ what: String) throws(DeltaLogError) {
        guard metadata.columnMapping == .none else { return }
        throw refused("columns can be \(what) once delta.columnMapping.mode is name; set that first")
    }

    /// Rules name columns; one that is used in a rule stays as it is.
    private func checkUnused(_ path: [String]) throws(DeltaLogError) {
        let name = path.joined(separator: ".").lowercased()
        for rule in metadata.rowRules(schema) {
            let used = rule.expression?.columns.map { $0.joined(separator: ".").lowercased() }
            guard
                used?.contains(where: { $0 == name || $0.hasPrefix(name + ".") || name.hasPrefix($0 + ".") })
                    ?? true
            else { continue }
            throw refused("the rule \(rule.name) (\(rule.text)) uses \(name); take the rule away first")
        }
    }

    private mutating func widen(_ path: [String], to type: DataType) throws(DeltaLogError) {
        guard metadata.configuration["delta.enableTypeWidening"] == "true" else {
            throw refused("types can be widened once delta.enableTypeWidening is true; set that first")
        }
        if self.protocol.has("typeWidening-preview") && !self.protocol.has("typeWidening") {
            throw refused("the table has the preview of type widening, whose records are not written")
        }
        do throws(TypeWideningFailure) {
            let (widened, _) = try DataType.struct(schema).widening(path[...], to: type)
            if case .struct(let schema) = widened { self.schema = schema }
        } catch {
            throw refused("\(path.joined(separator: ".")) cannot become \(type): \(error.reason)")
        }
    }

    // MARK: Properties

    private static let kept: Set<String> = [
        "delta.columnMapping.maxColumnId", "delta.inCommitTimestampEnablementVersion",
        "delta.inCommitTimestampEnablementTimestamp",
    ]
    /// Properties that ask for features which are not written.
    private static let foreign = [
        "delta.enablerowtracking", "delta.enableicebergcompat", "delta.universalformat", "delta.feature.",
        "delta.rowtracking.",
    ]

    private mutating func set(_ key: String, _ value: String) throws(DeltaLogError) {
        if Self.kept.contains(key) { throw refused("\(key) is kept by writers") }
        if Self.foreign.contains(where: { key.lowercased().hasPrefix($0) }) {
            throw refused("\(key) asks for what is not supported on write")
        }
        if key == ColumnMapping.property { return try map(value) }
        if key.hasPrefix(RowRule.constraintPrefix) {
            guard metadata.configuration[key] == nil else {
                throw refused("there is a rule \(key.dropFirst(RowRule.constraintPrefix.count)) already")
            }
            try check(RowRule(name: key, text: value))
        }
        if key == "delta.enableChangeDataFeed", value == "true",
            let name = schema.fields.map(\.name).first(where: {
                ["_change_type", "_commit_version", "_commit_timestamp"].contains($0)
            })
        {
            throw refused("change feeds need the name \(name), which a column has")
        }
        metadata.configuration[key] = value
    }

    private mutating func unset(_ key: String) throws(DeltaLogError) {
        if Self.kept.contains(key) || key == ColumnMapping.property {
            throw refused("\(key) cannot be taken away")
        }
        guard metadata.configuration.removeValue(forKey: key) != nil else {
            throw refused("the table has no property \(key)")
        }
    }

    private func check(_ rule: RowRule) throws(DeltaLogError) {
        guard let expression = rule.expression else {
            throw refused("the rule \(rule.text) is not understood")
        }
        for path in expression.columns.sorted(by: { $0.lexicographicallyPrecedes($1) })
        where schema.field(at: path) == nil {
            throw refused(
                "the rule \(rule.text) names the column \(path.joined(separator: ".")), which is not there"
            )
        }
    }

    private mutating func map(_ mode: String) throws(DeltaLogError) {
        let present = metadata.columnMapping
        guard let wanted = ColumnMapping(rawValue: mode) else {
            throw refused("there is no column mapping by \(mode)")
        }
        if wanted == present { return }
        guard present == .none && wanted == .name else {
            throw refused("column mapping can be switched on by name, and by nothing else")
        }
        var numbers = ColumnNumbers(next: metadata.maxColumnID(schema) + 1, keepsNames: true)
        schema.fields = schema.fields.map { numbers.number($0) }
        metadata.configuration[ColumnMapping.property] = mode
        metadata.configuration[ColumnNumbers.property] = String(numbers.next - 1)
    }

    // MARK: Ways through the schema

    private func editing(
        _ path: ArraySlice<String>,
        _ body: (inout [StructField]) throws(DeltaLogError) -> Void
    ) throws(DeltaLogError) -> StructType {
        guard case .struct(let changed)? = try edited(.struct(schema), path, body) else {
            throw refused("there is no structure \(path.joined(separator: "."))")
        }
        return changed
    }

    private func edited(
        _ type: DataType,
        _ path: ArraySlice<String>,
        _ body: (inout [StructField]) throws(DeltaLogError) -> Void
    ) throws(DeltaLogError) -> DataType? {
        switch (type, path.first) {
        case (.struct(var type), nil):
            try body(&type.fields)
            return .struct(type)
        case (.struct(var type), let name?):
            guard let index = type.fields.firstIndex(where: { $0.name == name }),
                let inner = try edited(type.fields[index].type, path.dropFirst(), body)
            else { return nil }
            type.fields[index].type = inner
            return .struct(type)
        case (.array(let element, let containsNull), "element"):
            return try edited(element, path.dropFirst(), body).map {
                .array(element: $0, containsNull: containsNull)
            }
        case (.map(let key, let value, let containsNull), "key"):
            return try edited(key, path.dropFirst(), body).map {
                .map(key: $0, value: value, valueContainsNull: containsNull)
            }
        case (.map(let key, let value, let containsNull), "value"):
            return try edited(value, path.dropFirst(), body).map {
                .map(key: key, value: $0, valueContainsNull: containsNull)
            }
        default: return nil
        }
    }

    private func position(of path: [String], in fields: [StructField]) throws(DeltaLogError) -> Int {
        guard let index = fields.firstIndex(where: { $0.name == path.last }) else {
            throw refused("there is no column \(path.joined(separator: "."))")
        }
        return index
    }

    private func index(of place: TableChange.Place, in fields: [StructField]) throws(DeltaLogError) -> Int {
        switch place {
        case .first: return 0
        case .last: return fields.count
        case .after(let name):
            guard let index = fields.firstIndex(where: { $0.name == name }) else {
                throw refused("there is no column \(name) to go after")
            }
            return index + 1
        }
    }
}

extension StructType {
    /// The field with some names from the top down, compared without case; nil for none.
    package func field(at path: [String]) -> StructField? {
        guard let name = path.first?.lowercased(),
            let field = fields.first(where: { $0.name.lowercased() == name })
        else { return nil }
        if path.count == 1 { return field }
        guard case .struct(let inner) = field.type else { return nil }
        return inner.field(at: Array(path.dropFirst()))
    }
}
