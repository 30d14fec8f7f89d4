import ColumnBatches

extension [CursorCandidate] {
    /// The same candidates, the best first.
    ///
    /// One that the source sets on every change comes first. Then counts what the name says of its purpose: an
    /// index on the time of creation does not make it tell changes. Indexes and instants decide between the rest.
    /// Counters come last: they do not tell which rows were changed.
    public func bestFirst() -> [CursorCandidate] {
        enumerated().map { (rank: $0.element.rank, offset: $0.offset) }
            .sorted { ($0.rank, -$0.offset) > ($1.rank, -$1.offset) }
            .map { self[$0.offset] }
    }
}

extension CursorCandidate {
    fileprivate var rank: Int {
        (isCounter ? -10_000 : 0) + (isServerSet ? 1_000 : 0) + nameRank * 100 + (isIndexed ? 10 : 0)
            + (type == .timestamp ? 1 : 0)
    }

    /// 3 for the customary names of a time of change, 2 for names that speak of change, 0 for times of birth.
    private var nameRank: Int {
        let name = column.lowercased()
        if ["update_timestamp", "updated_at", "update_time", "updated", "modified_at", "last_modified"]
            .contains(name)
        {
            return 3
        }
        if ["updat", "modif", "chang"].contains(where: { name.includes($0) }) { return 2 }
        return ["creat", "insert", "birth"].contains(where: { name.includes($0) }) ? 0 : 1
    }
}
