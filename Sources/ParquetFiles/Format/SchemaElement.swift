/// A node of the schema, which a footer lists parents first; the format's `SchemaElement`.
struct SchemaElement: Sendable, Hashable {
    /// How often the values of a node may be there, by its number in the format.
    enum Repetition: Int, Sendable, Hashable {
        case required = 0
        case optional = 1
        case repeated = 2
    }

    var name = ""
    /// Nil for a group.
    var type: PhysicalType?
    /// The bytes of a value of a fixed-length byte array.
    var typeLength = 0
    /// Nil for the root only.
    var repetition: Repetition?
    /// The number of children of a group.
    var childCount = 0
    var converted: ConvertedType?
    var logical: LogicalType?
    /// Scale and precision as the older annotation has them.
    var scale = 0
    var precision = 0
    var fieldID: Int?
}
