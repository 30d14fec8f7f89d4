import DeltaLog

/// Which columns of a table have statistics in the log.
///
/// The protocol's properties `delta.dataSkippingStatsColumns` and, where that is missing, `delta.dataSkippingNumIndexedCols`.
package struct StatisticsChoice: Sendable, Hashable {
    /// The columns by their names in files; nil stands for the first ones.
    private var names: Set<String>?
    /// The number of first columns; leaves of nested ones count one by one.
    private var count = 32

    /// The first 32 columns.
    init() {}

    /// What the properties of a table say.
    init(_ metadata: TableMetadata, _ columns: [TableColumn]) {
        let properties = TableProperties(metadata)
        count = properties.indexedColumns < 0 ? .max : properties.indexedColumns
        names = properties.statisticsColumns.map { wanted in
            Set(
                columns.filter { column in wanted.contains { $0.lowercased() == column.name.lowercased() } }
                    .map(\.physicalName)
            )
        }
    }

    /// Whether a column has statistics, being at a place among all leaves.
    func includes(_ name: String, at place: Int) -> Bool {
        names.map { $0.contains(name) } ?? (place < count)
    }
}
