public import ColumnBatches
import DeltaLog
public import ObjectStores

/// Digests of the lake's rows by what they were made of, so that a partition whose files are the same is not read again.
///
/// One object for each task below a folder of the lake. It is a cache: what is missing is computed anew.
public struct DigestCache: Sendable {
    private let store: any ObjectStore
    private let folder: String

    /// The folder below the root of a lake.
    public static let defaultFolder = "tributary/digests"

    /// Names the cache of a task.
    ///
    /// - Parameters:
    ///   - store: The store that holds the lake.
    ///   - task: Names and values that no other task has, in the order of the folders.
    ///   - folder: The folder of all caches.
    public init(
        store: any ObjectStore,
        task: KeyValuePairs<String, String>,
        folder: String = DigestCache.defaultFolder
    ) {
        self.store = store
        let values = Dictionary(
            task.map { ($0.key, Optional($0.value)) },
            uniquingKeysWith: { first, _ in first }
        )
        self.folder = "\(folder)/\(PartitionPath.directory(values, columns: task.map(\.key)))/"
    }

    /// The digests of a content, or nil when they are not there or cannot be read.
    public func digests(of content: String, by rule: BucketRule) async -> BucketDigests? {
        guard let bytes = try? await store.read(folder + content) else { return nil }
        return BucketDigests(rule: rule, bytes: bytes)
    }

    /// Keeps the digests of a content in place of all others of the task.
    public func keep(_ digests: BucketDigests, of content: String) async throws {
        let others = try await store.list(folder, after: nil).filter { $0.path != folder + content }
        do {
            try await store.putIfAbsent(folder + content, digests.bytes)
        } catch let error as ObjectStoreError where error.code == .alreadyExists {}
        for other in others { try await store.delete(other.path) }
    }
}
