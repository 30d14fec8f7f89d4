import ColumnBatches
import SourceConnectors
import Testing

@Suite("CursorExpression") struct CursorExpressionTests {
    @Test(
        "an expression that can stand in a statement has no mistake",
        arguments: [
            "GREATEST(updated_at, synced_at)", "IFNULL(a, '2000-01-01 (;#? --')",
            "`odd;name` - INTERVAL 1 DAY",
            "IF(b > 0, a, \"it''s\")", "a - -1",
        ]
    )
    func sound(text: String) {
        #expect(CursorExpression(text, type: .timestamp).mistake == nil)
    }

    @Test(
        "one that would be more or less than an expression names its mistake",
        arguments: [
            ("", "is empty"), ("  ", "is empty"), ("a; DROP TABLE t", "no statement"),
            ("a;\u{301} DROP TABLE t", "no statement"), ("a -- b", "comment"),
            ("a # b", "comment"), ("a /* b */", "comment"), ("a) OR (1", "did not open"),
            ("f((a)", "close it"),
            ("'a", "quote"), ("`a", "quote"), ("a = ?", "bound"), ("'\\' OR '", "backslash"),
        ]
    )
    func mistakes(text: String, message: String) {
        #expect(CursorExpression(text, type: .timestamp).mistake?.contains(message) == true)
    }
}
