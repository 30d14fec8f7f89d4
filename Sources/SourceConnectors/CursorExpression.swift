public import ColumnBatches

/// An expression over the columns of a table, in the source's own language, whose value finds changed rows.
///
/// Its text comes from the configuration and is put into statements as it is: who writes the configuration decides what
/// the source evaluates.
public struct CursorExpression: Sendable, Hashable {
    /// The text, such as `GREATEST(updated_at, synced_at)`.
    public var text: String
    /// `timestamp` for an instant, `timestampNTZ` for a wall clock.
    public var type: ColumnType

    /// Makes an expression; `mistake` says whether its text can stand in a statement.
    public init(_ text: String, type: ColumnType) {
        self.text = text
        self.type = type
    }

    /// The name under which queries read the value, which is no column's.
    public var column: String { "(\(text))" }

    /// What keeps the text from standing in a statement, and what to do; nil where nothing does.
    public var mistake: String? {
        var open = 0
        var quote: Unicode.Scalar?
        var previous: Unicode.Scalar = " "
        // A server reads code points: a mark on a semicolon makes it no other sign.
        let scalars = text.unicodeScalars
        guard scalars.contains(where: { !$0.properties.isWhitespace }) else {
            return "is empty; write an expression, such as a function"
        }
        for character in scalars {
            defer { previous = character }
            if character == "\\" {
                return "has a backslash, which not every server reads the same way; leave it out"
            }
            if let current = quote {
                if character == current { quote = nil }
                continue
            }
            switch character {
            case "'", "\"", "`": quote = character
            case "(": open += 1
            case ")":
                open -= 1
                if open < 0 { return "closes a parenthesis that it did not open; take it out" }
            case ";": return "has a \";\"; write one expression, and no statement"
            case "?": return "has a \"?\", which stands for a value that is bound; write the value"
            case "#": return "has a comment; leave it out"
            case "-" where previous == "-":
                return "has a comment; leave it out, or write \"- -\" with a space between"
            case "*" where previous == "/": return "has a comment; leave it out"
            default: break
            }
        }
        if quote != nil { return "opens a quote that it does not close; close it" }
        return open > 0 ? "opens a parenthesis that it does not close; close it" : nil
    }
}
