package import DeltaLog
import ObjectStores

extension DeltaTable {
    /// A new file for deletion vectors.
    package func makeVectorPack() throws -> DeletionVectorPack {
        try DeletionVectorPack(table: path, name: UniqueName.make())
    }

    /// A file with more of its rows marked as gone.
    ///
    /// - Parameters:
    ///   - rows: The positions in the file of the rows that go, ascending.
    ///   - file: The file, with the rows that have gone before.
    ///   - rowCount: The number of rows in the file, those that have gone included.
    ///   - pack: Takes the vector; to be written before a commit names it.
    /// - Returns: The file to add in its place; nil when all its rows have gone.
    /// - Throws: `DeltaLogError` when the present vector is damaged; errors of the store.
    package func marking(
        _ rows: [UInt64],
        in file: AddFile,
        rowCount: Int,
        _ pack: inout DeletionVectorPack
    ) async throws -> AddFile? {
        var vector = DeletionVector(ascending: rows)
        if let before = file.deletionVector {
            vector = vector.union(try await DeletionVector.read(before, table: path, in: store))
        }
        guard vector.count < rowCount else { return nil }
        var marked = file
        marked.deletionVector = pack.add(vector)
        // A file with a vector has to say how many rows it holds.
        marked.stats = FileStatistics.loosened(file.stats ?? FileStatistics(numRecords: Int64(rowCount)).json)
        return marked
    }

    /// Deletes a vector's file that no commit names and none will.
    func discardMark(_ file: AddFile) async {
        guard file.deletionVector?.storageType == "u", let vector = file.deletionVector?.logPath else {
            return
        }
        try? await store.delete((path.isEmpty ? "" : path + "/") + PartitionPath.decode(vector))
    }
}
