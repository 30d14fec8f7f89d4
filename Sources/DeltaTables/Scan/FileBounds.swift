package import ColumnBatches
package import DeltaLog

/// The least and greatest values of a file's columns, as far as the log tells them.
package struct FileBounds {
    private let statistics: FileStatistics
    private let pruning: FilePruning

    /// Reads the statistics of a file; nil when it has none.
    package init?(_ file: AddFile, schema: TableSchema) {
        guard let statistics = file.stats.flatMap({ FileStatistics(json: $0) }) else { return nil }
        self.statistics = statistics
        pruning = FilePruning(predicate: .and([]), schema: schema)
    }

    /// Bounds that hold for every value of a column; nil where one is not known.
    package subscript(column: String) -> (min: ColumnValue, max: ColumnValue)? {
        let facts = pruning.facts(column, statistics)
        guard let min = facts.min, let max = facts.max else { return nil }
        return (min, max)
    }
}
