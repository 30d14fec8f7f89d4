import ColumnBatches

/// The columns that a lake table needs for all its clients: each column that one of them has.
struct SchemaUnion {
    private(set) var fields: [Field] = []
    /// Columns on whose type clients disagree, with what they say.
    private(set) var conflicts: [String] = []
    private var origins: [String: String] = [:]

    /// Starts with the columns that the lake table has already; their types stay as they are.
    init(existing: [Field] = []) {
        fields = existing
        for field in existing { origins[field.name.lowercased()] = "the lake table" }
    }

    /// Adds the columns of one client; `client` is named where they do not fit.
    mutating func add(_ columns: [Field], of client: String) {
        for column in columns {
            let name = column.name.lowercased()
            guard let index = fields.firstIndex(where: { $0.name.lowercased() == name }) else {
                fields.append(Field(column.name, column.type))
                origins[name] = "client \(client)"
                continue
            }
            let known = fields[index].type
            if known.holds(column.type) { continue }
            let origin = origins[name] ?? "the lake table"
            if origin != "the lake table", let wider = known.union(column.type) {
                fields[index].type = wider
                continue
            }
            conflicts.append(
                "column \"\(column.name)\" is \(known) in \(origin) and \(column.type) in client \(client)"
            )
        }
    }
}

extension ColumnType {
    /// Whether every value of another type is exactly a value of this one.
    func holds(_ other: ColumnType) -> Bool {
        if self == other { return true }
        switch (self, other) {
        case (.int16, .int8), (.int32, .int8), (.int32, .int16): return true
        case (.int64, .int8), (.int64, .int16), (.int64, .int32), (.double, .float): return true
        case (.decimal(let precision, let scale), .decimal(let otherPrecision, let otherScale)):
            return scale >= otherScale && precision - scale >= otherPrecision - otherScale
        default: return false
        }
    }

    /// The narrowest type that holds the values of both, or nil.
    func union(_ other: ColumnType) -> ColumnType? {
        if holds(other) { return self }
        if other.holds(self) { return other }
        if case .decimal(let precision, let scale) = self,
            case .decimal(let otherPrecision, let otherScale) = other
        {
            let wideScale = max(scale, otherScale)
            let wide = max(precision - scale, otherPrecision - otherScale) + wideScale
            return wide <= 38 ? .decimal(precision: wide, scale: wideScale) : nil
        }
        return nil
    }
}
