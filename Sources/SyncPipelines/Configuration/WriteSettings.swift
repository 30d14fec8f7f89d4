import DeltaLog

extension TableTemplate {
    /// What becomes of the lake's rows where changes meet them.
    public enum Write: String, Sendable, Hashable, CaseIterable {
        /// One row for each key: a changed row replaces it.
        case upsert
        /// Rows are only added: each version of a row that a run sees is a row of its own.
        case append
        /// One row for each version of a key, with the time from when and to when it held (SCD2).
        case history
    }

    /// What becomes of a row that the source no longer has, where a run or a verification finds that out.
    public enum Deletes: String, Sendable, Hashable, CaseIterable {
        /// It leaves the lake; in a history, its last version is closed.
        case delete
        /// It stays, and `_deleted_at` takes the time at which that was found out.
        case mark
        /// It stays as it is.
        case keep
    }

    /// When a table with a cursor is searched for rows that the source no longer has.
    public enum DeleteSearch: Sendable, Hashable {
        /// Only when somebody asks for it.
        case never
        /// In every run.
        case everyRun
        /// In the first run after a window has opened.
        case scheduled(Schedule)
        /// In every run by the history that the source keeps of them, which needs the start of a version as the cursor; by a
        /// search where the history may not be whole.
        case history
    }

    /// Whether rows that the source no longer has may change the lake.
    var removesRows: Bool { write != .append && deletes != .keep }

    /// What does not go together, and the member of the configuration that is to blame; nil where all does.
    var contradiction: (member: String, message: String)? {
        switch write {
        case .upsert: break
        case .append:
            if case .expression = cursor {
                return (
                    "write",
                    "\"append\" tells versions of a row by a column of the lake, and an expression is none; name a column as "
                        + "\"cursor\", or write \"upsert\""
                )
            }
            if mode == .compare || cursor == .none {
                return (
                    "write",
                    "\"append\" needs a cursor, by which rows are new; write \"upsert\", or name the cursor"
                )
            }
            if findDeletes != .never || deletes == .mark {
                return (
                    findDeletes != .never ? "findDeletes" : "deletes",
                    "with \"append\" no row ever goes; leave it out, or write \"upsert\""
                )
            }
        case .history:
            if deletes == .mark {
                return (
                    "deletes",
                    "a history closes the last version of a row that is gone; leave \"deletes\" out, or write \"keep\""
                )
            }
        }
        if write != .upsert && fill != nil {
            return (
                "fill",
                "\"\(write.rawValue)\" changes no row that is there; leave \"fill\" out, or write \"upsert\""
            )
        }
        if review == .required && (write != .upsert || deletes == .mark) {
            return (
                "review",
                "people look at rows that come, change and go; leave it out, or write \"upsert\" and no \"mark\""
            )
        }
        if bronze != nil && (write != .upsert || deletes != .delete) {
            return (
                "bronze",
                "the lake table is made again from it as \"upsert\" with \"delete\" writes it; leave \"bronze\" out, or write that"
            )
        }
        if findDeletes == .history && (mode == .compare || cursor == .none) {
            return (
                "findDeletes",
                "\"history\" needs the start of a row's version as the cursor; name that column as \"cursor\", or leave it "
                    + "out: a comparison finds such rows"
            )
        }
        if findDeletes == .history && review == .required {
            return (
                "findDeletes",
                "people look at changes that a search finds; write \"everyRun\" or a schedule"
            )
        }
        if deletes == .keep && findDeletes != .never {
            return ("findDeletes", "\"keep\" leaves rows that are gone as they are; leave one of the two out")
        }
        return nil
    }
}

extension TableTemplate.DeleteSearch {
    private enum Name: String, CaseIterable { case never, everyRun, history }

    /// Reads `never`, `everyRun`, `history`, or a schedule.
    init(_ node: ConfigurationNode) throws(SyncError) {
        if case .object = node.value {
            self = .scheduled(try Schedule(node))
            return
        }
        switch try node.choice(Name.self) {
        case .never: self = .never
        case .everyRun: self = .everyRun
        case .history: self = .history
        }
    }

    /// The search in words, for plans.
    var text: String {
        switch self {
        case .never: "not looked for"
        case .everyRun: "looked for in every run"
        case .history: "told by the source's history"
        case .scheduled(let schedule): "looked for \(schedule)"
        }
    }
}

extension TableTemplate {
    /// How changes meet the lake's rows, in words; nil for the usual way.
    var writesText: String? {
        guard write != .upsert || deletes != .delete || findDeletes != .never else { return nil }
        let rows =
            switch write {
            case .upsert: "upsert"
            case .append: "append: rows are only added"
            case .history: "history: a row for each version"
            }
        guard write != .append else { return rows }
        let gone =
            switch deletes {
            case .delete: write == .history ? "their last version is closed" : "deleted"
            case .mark: "marked in \(WriteColumns.deletedAt)"
            case .keep: "kept"
            }
        let search = mode == .compare || deletes == .keep ? "" : ", \(findDeletes.text)"
        return "\(rows); rows that are gone: \(gone)\(search)"
    }
}
