public import ObjectStores

extension DeletionVector {
    /// Vectors of up to this many bytes are read; larger ones are damaged.
    private static let maximumBytes = 64 << 20

    /// Reads the vector that a descriptor names.
    ///
    /// - Parameters:
    ///   - descriptor: Where the vector is.
    ///   - table: The path of the table in the store.
    ///   - store: The store.
    /// - Returns: The vector.
    /// - Throws: `DeltaLogError` when it is missing or damaged.
    public static func read(
        _ descriptor: DeletionVectorDescriptor,
        table: String,
        in store: any ObjectStore
    ) async throws -> DeletionVector {
        func damaged(_ reason: String) -> DeltaLogError {
            DeltaLogError(
                .corruptDeletionVector,
                table: table,
                message:
                    "the deletion vector \(descriptor.uniqueID) cannot be used: \(reason); restore its file, or "
                    + "restore the table to a version before it"
            )
        }
        let size = Int(descriptor.sizeInBytes)
        guard size <= maximumBytes else { throw damaged("it is \(size) bytes long") }
        let bytes: [UInt8]
        if descriptor.storageType == "i" {
            guard let inline = Base85.decode(descriptor.pathOrInlineDV.utf8), inline.count >= size else {
                throw damaged("its text is not Z85 of \(size) bytes")
            }
            bytes = Array(inline.prefix(size))
        } else {
            guard let name = descriptor.logPath else { throw damaged("its path cannot be read") }
            let place = try TablePath.locate(name, table: table, in: store)
            let offset = Int(descriptor.offset ?? 1)
            let record: [UInt8]
            do {
                record = try await place.store.read(place.path, range: offset..<(offset + size + 8))
            } catch let error as ObjectStoreError {
                throw damaged("\(error)")
            }
            let stored = record.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            guard stored == size else { throw damaged("its file says \(stored) bytes, the log \(size)") }
            bytes = Array(record[4..<(4 + size)])
            let checksum = record.suffix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            guard CRC32.checksum(bytes) == checksum else { throw damaged("its checksum is wrong") }
        }
        let vector: DeletionVector
        do {
            vector = try DeletionVector(serialized: bytes, limit: Int(clamping: descriptor.cardinality))
        } catch {
            throw damaged(error.reason)
        }
        guard Int64(vector.count) == descriptor.cardinality else {
            throw damaged("it has \(vector.count) rows, the log says \(descriptor.cardinality)")
        }
        return vector
    }

    /// Writes the vector as a file of its own.
    ///
    /// - Parameters:
    ///   - table: The path of the table in the store.
    ///   - name: A new UUID, as text.
    ///   - store: The store.
    /// - Returns: Where it is.
    /// - Throws: Errors of the store, and `DeltaLogError` when the name is no UUID.
    public func write(table: String, name: String, in store: any ObjectStore) async throws
        -> DeletionVectorDescriptor
    {
        var pack = try DeletionVectorPack(table: table, name: name)
        let descriptor = pack.add(self)
        try await pack.write(in: store)
        return descriptor
    }
}

extension DeletionVectorDescriptor {
    /// The path of the vector's file as the log would write it; nil for an inline vector and for what is no path.
    public var logPath: String? {
        switch storageType {
        case "p": return pathOrInlineDV
        case "u":
            guard pathOrInlineDV.utf8.count >= 20, let uuid = Base85.decode(pathOrInlineDV.utf8.suffix(20))
            else {
                return nil
            }
            let prefix = String(pathOrInlineDV.dropLast(20))
            var name = ""
            for (index, byte) in uuid.enumerated() {
                if [4, 6, 8, 10].contains(index) { name += "-" }
                name += (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
            return (prefix.isEmpty ? "" : PartitionPath.encode(prefix) + "/") + "deletion_vector_\(name).bin"
        default: return nil
        }
    }
}
