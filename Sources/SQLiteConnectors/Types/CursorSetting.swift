#if SQLite
import SourceConnectors

/// Whether the database itself sets a column to the time of each insert and update, and how finely.
///
/// SQLite has no `ON UPDATE`: a default sets the time of an insert, a trigger that of an update. A trigger counts when
/// it fires on every update of any column, perhaps unless the cursor itself has changed, and sets the cursor to
/// the time; anything else is left to the application's word.
struct CursorSetting: Sendable, Hashable {
    let isSetByDatabase: Bool
    /// Digits after the second that are sure to be kept.
    let fractionalDigits: Int

    init(_ catalogue: Catalogue, _ column: Catalogue.Column, _ instants: ValuePolicy.Instants?) {
        let inserted = Self.clock(in: Self.words(column.defaultValue)[...])
        let updated = catalogue.triggers.compactMap { Self.clock(of: column.name, in: Self.words($0)) }.first
        isSetByDatabase = inserted != nil && updated != nil
        let unit =
            switch instants {
            case .seconds: 0
            case .milliseconds: 3
            case .microseconds: 6
            case .text, nil: 6
            }
        fractionalDigits = min(inserted ?? 0, updated ?? inserted ?? 0, unit)
    }

    /// The digits of the first expression for the time among some words; nil where there is none.
    private static func clock(in words: ArraySlice<String>) -> Int? {
        guard words.contains(where: { isClock($0) }) else { return nil }
        let isFine = words.contains { $0.contains("%f") || $0 == "'subsec'" || $0 == "'subsecond'" }
        return isFine ? 3 : 0
    }

    private static func isClock(_ word: String) -> Bool {
        ["current_timestamp", "'now'", "unixepoch"].contains(word)
    }

    /// The digits with which a trigger sets a column on every update; nil where it does not.
    private static func clock(of column: String, in words: [String]) -> Int? {
        let column = column.lowercased()
        guard let update = words.firstIndex(of: "update"), update + 1 < words.count,
            words[update + 1] == "on",
            let begin = words.firstIndex(of: "begin"), begin > update,
            !words[..<update].contains("instead")
        else { return nil }
        if let when = words[update..<begin].firstIndex(of: "when") {
            let allowed: Set = [
                "old", "new", ".", column, "=", "is", "not", "<", ">", "<=", ">=", "<>", "(", ")",
            ]
            guard words[(when + 1)..<begin].allSatisfy({ allowed.contains($0) }) else { return nil }
        }
        let body = words[begin...]
        guard let set = body.firstIndex(of: "set"), let target = body[set...].firstIndex(of: column),
            target + 1 < words.count, words[target + 1] == "="
        else { return nil }
        let end = body[target...].firstIndex { $0 == "where" || $0 == ";" } ?? words.endIndex
        return clock(in: words[target..<end])
    }

    /// The words of a statement in lower case, quotes of names taken off; texts keep theirs.
    static func words(_ sql: String) -> [String] {
        var words: [String] = []
        var rest = Substring(sql)
        while let first = rest.first {
            if first.isWhitespace {
                rest.removeFirst()
            } else if first.isLetter || first.isNumber || first == "_" || first == "%" {
                let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "%" }
                words.append(word.lowercased())
                rest = rest.dropFirst(word.count)
            } else if let close = ["'": "'", "\"": "\"", "`": "`", "[": "]"][first] as Character? {
                let body = rest.dropFirst().prefix { $0 != close }
                words.append(first == "'" ? "'\(body.lowercased())'" : body.lowercased())
                rest = rest.dropFirst(body.count + 2)
            } else if rest.hasPrefix("--") {
                rest = rest.drop { !$0.isNewline }
            } else if ["<", ">"].contains(first), let second = rest.dropFirst().first, "=>".contains(second) {
                words.append(String(rest.prefix(2)))
                rest = rest.dropFirst(2)
            } else {
                words.append(String(first))
                rest.removeFirst()
            }
        }
        return words
    }
}
#endif
