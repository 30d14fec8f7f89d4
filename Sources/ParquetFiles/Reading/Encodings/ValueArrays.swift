import ColumnBatches

/// Values in arrays that grow page by page; one of the arrays is in use, by the kind of value.
///
/// Values of a fixed length and of 96 bits lie in `bytes`, as those of any length do, with their offsets.
struct ValueArrays {
    var booleans = BitBuffer()
    var int32s: [Int32] = []
    var int64s: [Int64] = []
    var int128s: [Int128] = []
    var floats: [Float] = []
    var doubles: [Double] = []
    var offsets: [Int32] = [0]
    var bytes: [UInt8] = []

    /// Forgets the values and keeps the room.
    mutating func removeAll() {
        booleans.truncate(to: 0)
        int32s.removeAll(keepingCapacity: true)
        int64s.removeAll(keepingCapacity: true)
        int128s.removeAll(keepingCapacity: true)
        floats.removeAll(keepingCapacity: true)
        doubles.removeAll(keepingCapacity: true)
        offsets.removeLast(offsets.count - 1)
        bytes.removeAll(keepingCapacity: true)
    }

    /// Makes room for some more values of a storage.
    mutating func reserve(_ added: Int, _ storage: ColumnType.Storage) {
        switch storage {
        case .boolean: booleans.reserve(added)
        case .int32: int32s.reserveCapacity(int32s.count + added)
        case .int64: int64s.reserveCapacity(int64s.count + added)
        case .int128: int128s.reserveCapacity(int128s.count + added)
        case .float: floats.reserveCapacity(floats.count + added)
        case .double: doubles.reserveCapacity(doubles.count + added)
        case .bytes: offsets.reserveCapacity(offsets.count + added)
        case .list, .structure, .map: break
        }
    }

    /// The number of values of a storage.
    func count(_ storage: ColumnType.Storage) -> Int {
        switch storage {
        case .boolean: booleans.count
        case .int32: int32s.count
        case .int64: int64s.count
        case .int128: int128s.count
        case .float: floats.count
        case .double: doubles.count
        case .bytes: offsets.count - 1
        case .list, .structure, .map: 0
        }
    }

    /// Drops all values of a storage but the first ones.
    mutating func truncate(to kept: Int, _ storage: ColumnType.Storage) {
        switch storage {
        case .boolean: booleans.truncate(to: kept)
        case .int32: int32s.removeLast(int32s.count - kept)
        case .int64: int64s.removeLast(int64s.count - kept)
        case .int128: int128s.removeLast(int128s.count - kept)
        case .float: floats.removeLast(floats.count - kept)
        case .double: doubles.removeLast(doubles.count - kept)
        case .bytes:
            offsets.removeLast(offsets.count - 1 - kept)
            bytes.removeLast(bytes.count - Int(offsets[kept]))
        case .list, .structure, .map: break
        }
    }

    /// The values as the storage of a column.
    func columnStorage(_ storage: ColumnType.Storage) -> ColumnStorage {
        switch storage {
        case .boolean: .boolean(booleans.bitmap)
        case .int32: .int32(int32s)
        case .int64: .int64(int64s)
        case .int128: .int128(int128s)
        case .float: .float(floats)
        case .double: .double(doubles)
        case .bytes, .list, .structure, .map: .bytes(ByteValues(offsets: offsets, bytes: bytes))
        }
    }
}

extension PhysicalType {
    /// Where values of the type lie before they are converted.
    var storage: ColumnType.Storage {
        switch self {
        case .boolean: .boolean
        case .int32: .int32
        case .int64: .int64
        case .float: .float
        case .double: .double
        case .int96, .byteArray, .fixedLengthByteArray: .bytes
        }
    }
}
