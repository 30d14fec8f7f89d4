/// A change of what a table is: its columns, or its properties.
///
/// Columns are named by the names from the top down; on the way through a list stands `element`, through a map `key` or
/// `value`: `["tags", "element", "name"]`.
public enum TableChange: Sendable, Hashable {
    /// Where among its neighbours a column goes.
    public enum Place: Sendable, Hashable {
        /// After all others.
        case last
        /// Before all others.
        case first
        /// Right after another one.
        case after(String)
    }

    /// Adds a column, nullable, to the table or to the structure with the given names.
    case addColumn(StructField, to: [String] = [], place: Place = .last)
    /// Drops a column; needs column mapping.
    case dropColumn([String])
    /// Gives a column another name; needs column mapping.
    case renameColumn([String], to: String)
    /// Gives a column a type that holds all its values; needs `delta.enableTypeWidening`.
    case widenColumn([String], to: DataType)
    /// Moves a column among its neighbours.
    case moveColumn([String], Place)
    /// Lets a column have missing values.
    case makeNullable([String])
    /// Sets a property, with the features that it needs.
    ///
    /// `delta.columnMapping.mode` can become `name`, which gives every column a number and keeps its name in files.
    case set(String, String)
    /// Takes a property away.
    case unset(String)

    /// A rule that each row must keep, present ones too.
    ///
    /// - Parameters:
    ///   - name: The rule's name.
    ///   - expression: SQL that is true for a row that keeps it.
    /// - Returns: The change.
    public static func addConstraint(_ name: String, _ expression: String) -> TableChange {
        .set("delta.constraints." + name.lowercased(), expression)
    }

    /// Takes a rule away.
    public static func dropConstraint(_ name: String) -> TableChange {
        .unset("delta.constraints." + name.lowercased())
    }

    /// The operation, as the history shows it.
    package var operation: String {
        switch self {
        case .addColumn: "ADD COLUMNS"
        case .dropColumn: "DROP COLUMNS"
        case .renameColumn: "RENAME COLUMN"
        case .widenColumn, .moveColumn, .makeNullable: "CHANGE COLUMN"
        case .set(let key, _):
            key.hasPrefix(RowRule.constraintPrefix) ? "ADD CONSTRAINT" : "SET TBLPROPERTIES"
        case .unset(let key):
            key.hasPrefix(RowRule.constraintPrefix) ? "DROP CONSTRAINT" : "UNSET TBLPROPERTIES"
        }
    }

    /// What the operation was told, as the history shows it.
    package var parameters: [String: String] {
        switch self {
        case .addColumn(let field, let parent, _): ["column": (parent + [field.name]).joined(separator: ".")]
        case .dropColumn(let path), .moveColumn(let path, _), .makeNullable(let path):
            ["column": path.joined(separator: ".")]
        case .renameColumn(let path, let name):
            ["oldColumnPath": path.joined(separator: "."), "newColumnPath": name]
        case .widenColumn(let path, let type): ["column": path.joined(separator: "."), "type": "\(type)"]
        case .set(let key, let value): [key: value]
        case .unset(let key): ["property": key]
        }
    }
}
