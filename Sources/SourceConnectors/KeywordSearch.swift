extension StringProtocol {
    /// Whether a word occurs, byte for byte.
    ///
    /// For keywords of declarations, which are compared at each run of each table: the general search looks for characters
    /// that may be written in several ways, and takes many times as long.
    package func includes(_ word: String) -> Bool {
        guard let first = word.utf8.first else { return true }
        var rest = utf8[...]
        while let place = rest.firstIndex(of: first) {
            rest = rest[place...]
            if rest.starts(with: word.utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
