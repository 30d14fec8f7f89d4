import DeltaLog

/// Which columns of a table have statistics in the log.
///
/// The protocol's properties `delta.dataSkippingStatsColumns` and, where that is missing, `delta.dataSkippingNumIndexedCols`.
package struct StatisticsChoice: Sendable, Hashable {
    /// The columns, and leaves of structures, by their names in files; nil stands for the first ones.
    private var paths: [[String]]?
    /// The number of first columns; leaves of nested ones count one by one.
    private var count = 32

    /// The first 32 columns.
    init() {}

    /// What the properties of a table say.
    init(_ metadata: TableMetadata, _ columns: [TableColumn]) {
        let properties = TableProperties(metadata)
        count = properties.indexedColumns < 0 ? .max : properties.indexedColumns
        paths = properties.statisticsColumns.map { wanted in
            wanted.compactMap {
                TableColumn.path(to: $0, in: columns, ignoringCase: true)?.map(\.physicalName)
            }
        }
    }

    /// Whether a column, or a leaf of a structure, has statistics, being at a place among all leaves.
    func includes(_ path: [String], at place: Int) -> Bool {
        paths.map { wanted in wanted.contains { path.starts(with: $0) } } ?? (place < count)
    }
}
