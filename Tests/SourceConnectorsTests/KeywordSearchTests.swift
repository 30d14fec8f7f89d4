import SourceConnectors
import Testing

@Suite("Keyword search")
struct KeywordSearchTests {
    @Test(
        "a word is found wherever it is, and only whole",
        arguments: [
            ("auto_increment", "auto_increment", true), ("x auto_increment", "auto_increment", true),
            ("auto_incremen", "auto_increment", false), ("", "a", false), ("a", "", true), ("", "", true),
            ("aab", "ab", true), ("aaab", "aab", true), ("abababc", "ababc", true), ("größe", "ße", true),
            ("UNSIGNED", "unsigned", false),
        ]
    )
    func words(text: String, word: String, isIncluded: Bool) {
        #expect(text.includes(word) == isIncluded)
        #expect(text[...].includes(word) == isIncluded)
    }
}
