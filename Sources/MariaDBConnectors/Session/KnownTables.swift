#if MariaDB
import SourceConnectors
import Synchronization

/// Descriptions of tables by the statements that make them.
///
/// Hundreds of clients have the same tables. What information_schema tells of one costs a server ten times what the statement
/// that makes the table does, and follows from that statement and the server's version. A server shows the statement to an
/// account that may read the whole table.
final class KnownTables: Sendable {
    /// What a description follows from.
    struct Definition: Sendable, Hashable {
        private let statement: String
        private let version: String
        private let policies: ValuePolicies
        /// The definition of a table; nil where the statement does not tell all.
        ///
        /// A view's does not tell the types of its columns. What a system-versioned table keeps depends on more than its
        /// definition: whatever names a system is described in full.
        init?(_ statement: String, version: String, policies: ValuePolicies) {
            guard statement.hasPrefix("CREATE TABLE "), !statement.includes("SYSTEM") else { return nil }
            self.statement = Self.withoutCounter(statement)
            self.version = version
            self.policies = policies
        }

        /// How many columns the table has: each is on a line of its own.
        fileprivate var columnCount: Int {
            statement.split(separator: "\n").count { $0.hasPrefix("  `") }
        }

        /// The next number of a counter, which stands in the last lines, is no part of a definition.
        private static func withoutCounter(_ statement: String) -> String {
            let text = statement.utf8
            guard let line = text.lastIndex(of: UInt8(ascii: "\n")),
                let word = text[line...].firstRange(of: " AUTO_INCREMENT=".utf8)
            else { return statement }
            let rest = text[word.upperBound...].drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            return String(statement[..<word.lowerBound]) + String(Substring(rest))
        }
    }

    private let descriptions = Mutex<[Definition: TableDescription]>([:])
    /// So many are kept: a fleet has some dozens, each in a few shapes.
    private static let limit = 4_096

    /// The description of a table of the same definition, under the name of another one.
    func description(of definition: Definition, named name: TableName) -> TableDescription? {
        guard var description = descriptions.withLock({ $0[definition] }) else { return nil }
        description.name = name
        return description
    }

    /// Keeps a description, but for what is no part of a definition, where it is of all columns.
    func keep(_ description: TableDescription, of definition: Definition) {
        guard description.columns.count == definition.columnCount else { return }
        var description = description
        description.estimatedRows = nil
        descriptions.withLock { descriptions in
            if descriptions.count >= Self.limit { descriptions = [:] }
            descriptions[definition] = description
        }
    }
}
#endif
