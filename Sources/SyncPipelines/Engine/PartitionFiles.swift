import DeltaLog
import DeltaTables

/// The files of one partition as a number that a commit can carry: another set of files is another number.
///
/// It is the sum of a hash of each file's path and deletion vector, so that it does not depend on their order and an
/// edit changes it by what the edit adds and removes. Paths are random, so two sets share a number with a chance of
/// one in 2⁶³.
struct PartitionFiles: Sendable, Hashable {
    private var sum: UInt64 = 0

    init(_ files: [AddFile]) {
        for file in files { sum &+= Self.hash(file) }
    }

    /// The number as the version of an application transaction, which is not negative.
    var number: Int64 { Int64(sum >> 1) }

    /// The files after an edit of this partition.
    func after(_ edit: TableEdit) -> PartitionFiles {
        var files = self
        for file in edit.removed { files.sum &-= Self.hash(file) }
        for file in edit.added { files.sum &+= Self.hash(file) }
        return files
    }

    /// FNV-1a over the path and the vector's id, then mixed so that every bit counts in the sum.
    private static func hash(_ file: AddFile) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in file.decodedPath.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        for byte in (file.deletionVector?.uniqueID ?? "").utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        hash = (hash ^ hash >> 32) &* 0x9E37_79B9_7F4A_7C15
        return hash ^ hash >> 29
    }
}
