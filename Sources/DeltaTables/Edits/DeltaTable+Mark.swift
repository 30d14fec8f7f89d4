package import DeltaLog
import FoundationEssentials
import ObjectStores

extension DeltaTable {
    /// A file with more of its rows marked as gone; the vector is written, the log does not name it yet.
    ///
    /// - Parameters:
    ///   - rows: The positions in the file of the rows that go.
    ///   - file: The file, with the rows that have gone before.
    ///   - rowCount: The number of rows in the file, those that have gone included.
    /// - Returns: The file to add in its place; nil when all its rows have gone.
    /// - Throws: `DeltaLogError` when the present vector is damaged; errors of the store.
    package func marking(_ rows: some Sequence<Int>, in file: AddFile, rowCount: Int) async throws -> AddFile?
    {
        var vector = DeletionVector(rows.lazy.map { UInt64($0) })
        if let before = file.deletionVector {
            vector = vector.union(try await DeletionVector.read(before, table: path, in: store))
        }
        guard vector.count < rowCount else { return nil }
        var marked = file
        marked.deletionVector = try await vector.write(table: path, name: UUID().uuidString, in: store)
        // A file with a vector has to say how many rows it holds.
        marked.stats = FileStatistics.loosened(file.stats ?? FileStatistics(numRecords: Int64(rowCount)).json)
        return marked
    }

    /// Deletes a vector that no commit names and none will.
    package func discardMark(_ file: AddFile) async {
        guard file.deletionVector?.storageType == "u", let vector = file.deletionVector?.logPath else {
            return
        }
        try? await store.delete((path.isEmpty ? "" : path + "/") + PartitionPath.decode(vector))
    }
}
