/// Why a type cannot be widened.
struct TypeWideningFailure: Error {
    var reason: String
}

/// A type that became another, and where below the column that keeps the record.
struct TypeChangeRecord {
    var from: DataType
    var to: DataType
    var path: [String] = []

    static let key = "delta.typeChanges"

    var json: JSONValue {
        var members: [String: JSONValue] = ["fromType": from.json, "toType": to.json]
        if !path.isEmpty { members["fieldPath"] = .string(path.joined(separator: ".")) }
        return .object(members)
    }
}

extension DataType {
    /// The type with a part of it widened, and the record of that where no column within the type keeps it.
    ///
    /// The protocol's section "Type Widening".
    func widening(_ path: ArraySlice<String>, to wanted: DataType) throws(TypeWideningFailure) -> (
        DataType, TypeChangeRecord?
    ) {
        guard let name = path.first else {
            guard canWiden(to: wanted) else {
                throw TypeWideningFailure(reason: "not every \(self) is one, by the rules of type widening")
            }
            return (wanted, TypeChangeRecord(from: self, to: wanted))
        }
        switch self {
        case .struct(var type):
            guard let index = type.fields.firstIndex(where: { $0.name == name }) else {
                throw TypeWideningFailure(reason: "there is no column \(name)")
            }
            let (inner, record) = try type.fields[index].type.widening(path.dropFirst(), to: wanted)
            type.fields[index].type = inner
            if let record { type.fields[index].note(record) }
            return (.struct(type), nil)
        case .array(let element, let containsNull) where name == "element":
            let (inner, record) = try element.widening(path.dropFirst(), to: wanted)
            return (.array(element: inner, containsNull: containsNull), record?.below(name))
        case .map(let key, let value, let containsNull) where name == "key":
            let (inner, record) = try key.widening(path.dropFirst(), to: wanted)
            return (.map(key: inner, value: value, valueContainsNull: containsNull), record?.below(name))
        case .map(let key, let value, let containsNull) where name == "value":
            let (inner, record) = try value.widening(path.dropFirst(), to: wanted)
            return (.map(key: key, value: inner, valueContainsNull: containsNull), record?.below(name))
        default: throw TypeWideningFailure(reason: "there is nothing named \(name)")
        }
    }

    /// Whether every value of this type is one of another, by the list of the protocol.
    func canWiden(to wanted: DataType) -> Bool {
        switch (self, wanted) {
        case (.byte, .short), (.byte, .integer), (.byte, .long), (.short, .integer), (.short, .long),
            (.integer, .long), (.float, .double), (.byte, .double), (.short, .double), (.integer, .double),
            (.date, .timestampNTZ):
            true
        case (.byte, .decimal(let precision, let scale)), (.short, .decimal(let precision, let scale)),
            (.integer, .decimal(let precision, let scale)):
            precision - scale >= 10
        case (.long, .decimal(let precision, let scale)): precision - scale >= 20
        case (.decimal(let precision, let scale), .decimal(let wider, let finer)):
            self != wanted && finer >= scale && wider - finer >= precision - scale
        default: false
        }
    }
}

extension TypeChangeRecord {
    fileprivate func below(_ name: String) -> TypeChangeRecord {
        TypeChangeRecord(from: from, to: to, path: [name] + path)
    }
}

extension StructField {
    /// Keeps the record of a change, after those before.
    fileprivate mutating func note(_ record: TypeChangeRecord) {
        let before = metadata[TypeChangeRecord.key].flatMap { try? JSONParser.parse($0) }?.array ?? []
        metadata[TypeChangeRecord.key] = JSONValue.array(before + [record.json]).text
    }
}
