/// Makes a failing history shorter for as long as it still fails.
struct HistoryShrinker {
    /// How often the history may still be played.
    private(set) var plays: Int

    init(plays: Int) {
        self.plays = plays
    }

    /// The shortest history found, and what goes wrong in it.
    mutating func shrink(
        _ history: History,
        _ problem: String,
        play: (History) async -> String?
    ) async -> (history: History, problem: String) {
        var best = (history: history, problem: problem)
        var size = max(history.events.count / 2, 1)
        while true {
            var start = 0
            var isShorter = false
            while start < best.history.events.count {
                guard plays > 0 else { return best }
                plays -= 1
                var candidate = best.history
                candidate.events.removeSubrange(start..<min(start + size, candidate.events.count))
                if let problem = await play(candidate) {
                    best = (candidate, problem)
                    isShorter = true
                } else {
                    start += size
                }
            }
            if size == 1 && !isShorter { return best }
            size = max(size / 2, 1)
        }
    }
}
