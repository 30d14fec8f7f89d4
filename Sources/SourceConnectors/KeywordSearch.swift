extension String {
    /// Whether a word occurs, byte for byte.
    ///
    /// For keywords of declarations, which are compared at each run of each table: the general search looks for characters
    /// that may be written in several ways, and takes many times as long.
    package func includes(_ word: String) -> Bool { occurs(word.utf8Span.span, in: utf8Span.span) }
}

extension Substring {
    /// Whether a word occurs, byte for byte.
    package func includes(_ word: String) -> Bool { occurs(word.utf8Span.span, in: utf8Span.span) }
}

private func occurs(_ word: Span<UInt8>, in text: Span<UInt8>) -> Bool {
    guard !word.isEmpty else { return true }
    var start = 0
    while start + word.count <= text.count {
        var same = 0
        while same < word.count && text[start + same] == word[same] { same += 1 }
        if same == word.count { return true }
        start += 1
    }
    return false
}
