import ParquetFiles
import Synchronization

/// How the columns of a table's data files are laid out, as the writers of a process found out.
///
/// With hundreds of partitions in one table, one writer tries what serves and the others follow.
final class LayoutMemory: Sendable {
    private let known = Mutex(ParquetLayout())

    var layout: ParquetLayout { known.withLock { $0 } }

    func learn(_ layout: ParquetLayout) { known.withLock { $0.learn(layout) } }
}

extension DeltaTable {
    /// Has the writers of this table follow a file that was read, unless they know of another one.
    package func followLayout(of reader: DataFileReader) {
        guard layouts.layout.isEmpty, let layout = ParquetLayout(reader.parquet.footer) else { return }
        layouts.learn(layout)
    }
}
