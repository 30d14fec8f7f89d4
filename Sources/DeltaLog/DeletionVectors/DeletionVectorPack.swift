public import ObjectStores

/// Several deletion vectors in one file, so that a commit which marks rows of many files writes one object for them.
///
/// The protocol's section "Deletion Vector File Storage Format".
public struct DeletionVectorPack: Sendable {
    private let path: String
    private let encodedName: String
    private var bytes: [UInt8] = [1]

    /// Begins an empty file.
    ///
    /// - Parameters:
    ///   - table: The path of the table in the store.
    ///   - name: A new UUID, as text.
    /// - Throws: `DeltaLogError` when the name is no UUID.
    public init(table: String, name: String) throws(DeltaLogError) {
        let digits = Array(name.lowercased().utf8).filter { $0 != UInt8(ascii: "-") }
        var uuid: [UInt8] = []
        for index in stride(from: 0, to: digits.count - 1, by: 2) {
            uuid.append(UInt8(String(decoding: digits[index..<(index + 2)], as: UTF8.self), radix: 16) ?? 0)
        }
        encodedName = Base85.encode(uuid)
        let descriptor = DeletionVectorDescriptor(
            storageType: "u",
            pathOrInlineDV: encodedName,
            offset: 1,
            sizeInBytes: 0,
            cardinality: 0
        )
        guard uuid.count == 16, let path = descriptor.logPath else {
            throw DeltaLogError(.corruptDeletionVector, table: table, message: "\(name) is not a UUID")
        }
        self.path = table.isEmpty ? path : table + "/" + path
    }

    /// Whether there is no vector in it.
    public var isEmpty: Bool { bytes.count == 1 }

    /// Adds a vector.
    ///
    /// - Returns: Where it will be.
    public mutating func add(_ vector: DeletionVector) -> DeletionVectorDescriptor {
        let content = vector.serialized
        let descriptor = DeletionVectorDescriptor(
            storageType: "u",
            pathOrInlineDV: encodedName,
            offset: Int32(bytes.count),
            sizeInBytes: Int32(content.count),
            cardinality: Int64(vector.count)
        )
        append(UInt32(content.count))
        bytes += content
        append(CRC32.checksum(content))
        return descriptor
    }

    private mutating func append(_ number: UInt32) {
        for shift in stride(from: UInt32(24), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    /// Writes the file; none when it is empty.
    ///
    /// - Throws: Errors of the store.
    public func write(in store: any ObjectStore) async throws {
        if !isEmpty { try await store.putIfAbsent(path, bytes) }
    }

    /// Deletes the file, when no commit names it and none will.
    public func discard(in store: any ObjectStore) async {
        if !isEmpty { try? await store.delete(path) }
    }
}
