import ColumnBatches
import IncrementalFilters
import MergePlanning
import SourceConnectors

extension PlanLint {
    /// What is worth knowing of one task before it runs.
    static func lints(
        for plan: TaskPlan,
        _ columns: TaskColumns,
        _ source: TableDescription,
        _ signals: MarkSignals
    ) -> [PlanLint] {
        var lints: [PlanLint] = []
        if case .incremental(let cursor) = plan.mode {
            if cursor.expression != nil {
                lints.append(
                    PlanLint(
                        "cursor.expression",
                        "no index serves the expression \(cursor.name): each run looks through the table; a generated column "
                            + "of it with an index, named as the cursor, spares that"
                    )
                )
            } else if !cursor.isIndexed {
                lints.append(
                    PlanLint(
                        "cursor.notIndexed",
                        "no index starts with \(cursor.name): each run scans the table; add one"
                    )
                )
            }
            if cursor.isCombined {
                lints.append(
                    PlanLint(
                        "cursor.combined",
                        "rows without \(cursor.column) are looked through in each run, unless an index has "
                            + "(\(cursor.name))"
                    )
                )
            }
            if cursor.isCounter {
                lints += counterLints(cursor)
            } else if !cursor.isServerSet && cursor.expression == nil {
                lints.append(
                    PlanLint(
                        "cursor.notServerSet",
                        "the server does not set \(cursor.name) itself: a program that forgets to loses rows; "
                            + "add ON UPDATE CURRENT_TIMESTAMP"
                    )
                )
            }
            if cursor.type == .timestampNTZ {
                lints.append(
                    PlanLint(
                        "cursor.wallClock",
                        "\(cursor.name) is a wall clock without zone: windows reach back 12 hours; a TIMESTAMP "
                            + "column needs none of that"
                    )
                )
            }
            if let history = plan.history { lints += historyLints(history) }
            let template = plan.task.template
            let isSearched = template.findDeletes != .never || !template.removesRows
            if !template.filters.isEmpty && !isSearched {
                lints.append(
                    PlanLint(
                        "filter.noTombstones",
                        "rows that stop matching the filter stay in the lake until a verification removes them"
                    )
                )
            }
            if !isSearched {
                lints.append(
                    PlanLint(
                        "deletes.unseen",
                        "rows deleted at the source stay in the lake until a verification finds them"
                            + (source.history.map { cursor.columns == [$0.start] } == true
                                ? "; \"findDeletes\": \"history\" has the table's own history tell them" : "")
                    )
                )
            }
        } else if (source.estimatedRows ?? 0) > 1_000_000 {
            lints.append(
                PlanLint(
                    "compare.large",
                    "about \(source.estimatedRows ?? 0) rows are read in every run; a timestamp column that the server "
                        + "sets would spare that"
                )
            )
        }
        if !columns.keys.isUniqueInSource {
            lints.append(
                PlanLint(
                    "keys.notUnique",
                    "the source does not keep \(columns.keys.columns.joined(separator: ", ")) unique: two rows of one key "
                        + "stop the task"
                )
            )
        }
        if !source.cascadeColumns.isEmpty {
            lints.append(
                PlanLint(
                    "cascade",
                    "a foreign key changes \(source.cascadeColumns.joined(separator: ", ")) without touching the row's time: "
                        + "only a verification sees that"
                )
            )
        }
        if !source.hasSnapshots {
            lints.append(
                PlanLint(
                    "engine.noSnapshots",
                    "the table's engine has no snapshots: a run may read half of a change"
                )
            )
        }
        lints += signals.limitations.map { PlanLint("marks.limited", "marks are not proven: \($0)") }
        lints += plan.warnings.map { PlanLint("columns", $0) }
        return lints
    }

    /// What a history costs, and what may take it away.
    private static func historyLints(_ history: RowHistory) -> [PlanLint] {
        var lints: [PlanLint] = []
        if !history.isIndexed {
            lints.append(
                PlanLint(
                    "history.notIndexed",
                    "no index starts with \(history.end): each run scans all versions for those that ended; add one"
                )
            )
        }
        if let partitions = history.partitions {
            lints.append(
                PlanLint(
                    "history.partitions",
                    "the history lies in \(partitions): one that is dropped before a run has read it takes deletions with it; "
                        + "a run that notices compares all keys, and --find-deletes does so at any time"
                )
            )
        }
        return lints
    }

    /// What a counter does not promise.
    private static func counterLints(_ cursor: Cursor) -> [PlanLint] {
        var lints: [PlanLint] = []
        if !cursor.tellsNewRowsOnly {
            lints.append(
                PlanLint(
                    "cursor.counter",
                    "\(cursor.name) counts rows as they are inserted: rows that are changed later are not read again; "
                        + "verify finds them, and a timestamp that the server sets on every update shows them"
                )
            )
        }
        if !cursor.isServerSet {
            lints.append(
                PlanLint(
                    "cursor.notServerSet",
                    "the server does not count \(cursor.name) itself: a program that writes a number after greater ones "
                        + "loses the row; declare it AUTO_INCREMENT"
                )
            )
        }
        return lints
    }
}
