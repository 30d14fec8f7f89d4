#if MariaDB
import SourceConnectors

/// Foreign keys as `SHOW CREATE TABLE` prints them, one a line.
///
/// `information_schema` shows a table's foreign keys only to those who may change it.
enum ForeignKeys {
    /// The columns that a foreign key changes by itself when the row that it refers to changes or goes.
    static func columnsThatChange(_ definition: String) -> [String] {
        guard definition.includes("FOREIGN KEY") else { return [] }
        var columns: [String] = []
        for line in definition.split(separator: "\n") {
            var rest = line.drop { $0 == " " }
            guard rest.hasPrefix("CONSTRAINT ") else { continue }
            rest.removeFirst("CONSTRAINT ".count)
            _ = quotedNames(&rest)
            guard rest.hasPrefix("FOREIGN KEY (") else { continue }
            rest.removeFirst("FOREIGN KEY (".count)
            let names = quotedNames(&rest)
            let actions = ["ON UPDATE CASCADE", "ON UPDATE SET NULL", "ON DELETE SET NULL"]
            guard actions.contains(where: { rest.includes($0) }) else { continue }
            columns += names.filter { !columns.contains($0) }
        }
        return columns
    }

    /// Reads names in backticks up to the closing parenthesis, and leaves what follows it.
    private static func quotedNames(_ text: inout Substring) -> [String] {
        var names: [String] = []
        while text.first == "`" {
            text.removeFirst()
            var name = ""
            while let next = text.popFirst() {
                if next != "`" {
                    name.append(next)
                } else if text.first == "`" {
                    name.append(text.removeFirst())
                } else {
                    break
                }
            }
            names.append(name)
            while text.first == "," || text.first == " " { text.removeFirst() }
        }
        return names
    }
}
#endif
