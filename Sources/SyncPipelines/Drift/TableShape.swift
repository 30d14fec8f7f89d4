import ColumnBatches
import SourceConnectors

/// What a client's table looked like: its columns in their order, and what identifies a row.
struct TableShape: Sendable, Hashable, Codable {
    /// A column.
    struct Column: Sendable, Hashable, Codable {
        /// The column's name in the source.
        var name: String
        /// The type as the source declares it.
        var declaration: String
        var isNullable: Bool
        var collation: String?

        /// Everything of the column but its name and its place, in words.
        var text: String {
            declaration + (collation.map { " \($0)" } ?? "") + (isNullable ? " null" : " not null")
        }
    }

    var columns: [Column]
    var keys: [String]

    init(columns: [Column], keys: [String]) {
        self.columns = columns
        self.keys = keys
    }

    init(_ description: TableDescription) {
        columns = description.columns.filter { !$0.isHidden }.map { column in
            Column(
                name: column.name,
                declaration: column.sourceType,
                isNullable: column.isNullable,
                collation: column.collation
            )
        }
        keys = description.primaryKey
    }

    func column(_ name: String) -> Column? {
        columns.first { $0.name.lowercased() == name.lowercased() }
    }
}

/// A declared type, taken apart as far as tells a wider one from a narrower one.
struct DeclaredType: Sendable, Hashable {
    /// The type's name, without its numbers.
    let name: String
    /// What stands in parentheses, where that are numbers.
    let numbers: [Int]
    /// Whether the numbers say how many values there are; those of whole numbers only say how they are shown.
    private let isSized: Bool

    init(_ declaration: String) {
        let text = declaration.lowercased()
        let open = text.firstIndex(of: "(")
        let close = text.lastIndex(of: ")")
        var base = text
        var found: [Int] = []
        if let open, let close, open < close {
            base = String(text[..<open]) + String(text[text.index(after: close)...])
            found = text[text.index(after: open)..<close].split(separator: ",").compactMap {
                Int($0.filter { !$0.isWhitespace })
            }
        }
        name = base
        numbers = found
        isSized = !Self.wholeNumbers.contains { base.hasPrefix($0) }
    }

    private static let wholeNumbers = ["tinyint", "smallint", "mediumint", "int", "bigint"]
    /// Types of one family, each wider than those before it.
    private static let families = [
        wholeNumbers, ["float", "double"], ["tinytext", "text", "mediumtext", "longtext"],
        ["tinyblob", "blob", "mediumblob", "longblob"], ["char", "varchar", "text"],
        ["binary", "varbinary", "blob"], ["date", "datetime"],
    ]

    /// How another declaration compares.
    enum Step: Sendable, Hashable { case same, wider, narrower, other }

    func step(to new: DeclaredType) -> Step {
        if name == new.name {
            guard isSized, numbers != new.numbers else { return .same }
            guard numbers.count == new.numbers.count else { return numbers.isEmpty ? .wider : .narrower }
            var (before, after) = (numbers, new.numbers)
            if name.hasPrefix("decimal"), before.count == 2 {
                // Digits before the point, and after it.
                before[0] -= before[1]
                after[0] -= after[1]
            }
            if zip(before, after).allSatisfy({ $0 <= $1 }) { return .wider }
            return zip(before, after).allSatisfy { $0 >= $1 } ? .narrower : .other
        }
        for family in Self.families {
            if let old = family.firstIndex(of: name), let next = family.firstIndex(of: new.name) {
                return old < next ? .wider : .narrower
            }
        }
        return .other
    }
}
