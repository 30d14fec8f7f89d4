/// The newest commits that one process made or met, one version after the other, so that they need not be read again.
struct RecentCommits: Sendable {
    /// What is kept holds no more actions than this, but for the newest commit.
    private static let actionLimit = 16_384

    private var commits: [Commit] = []
    private var actionCount = 0

    /// The commit of a version, where it is kept.
    subscript(version: TableVersion) -> Commit? {
        guard let first = commits.first?.version, version >= first else { return nil }
        let index = Int(version.number - first.number)
        return index < commits.count ? commits[index] : nil
    }

    /// Takes a commit in; one that does not follow the last one begins anew.
    mutating func add(_ commit: Commit) {
        if let last = commits.last?.version, commit.version != last.next {
            guard commit.version > last else { return }
            commits = []
            actionCount = 0
        }
        commits.append(commit)
        actionCount += commit.actions.count
        guard actionCount > Self.actionLimit else { return }
        var dropped = 0
        while actionCount > Self.actionLimit / 2, dropped < commits.count - 1 {
            actionCount -= commits[dropped].actions.count
            dropped += 1
        }
        commits.removeFirst(dropped)
    }
}
