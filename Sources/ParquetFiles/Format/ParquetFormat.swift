/// Physical types, by their number in the format.
enum PhysicalType: Int, Sendable {
    case boolean = 0
    case int32 = 1
    case int64 = 2
    case int96 = 3
    case float = 4
    case double = 5
    case byteArray = 6
    case fixedLengthByteArray = 7
}

/// Encodings, by their number in the format.
enum Encoding: Int, Sendable {
    case plain = 0
    case plainDictionary = 2
    case rle = 3
    case bitPacked = 4
    case deltaBinaryPacked = 5
    case deltaLengthByteArray = 6
    case deltaByteArray = 7
    case dictionary = 8
    case byteStreamSplit = 9
}

/// Codecs, by their number in the format.
enum Codec: Int, Sendable {
    case uncompressed = 0
    case snappy = 1
    case gzip = 2
    case lzo = 3
    case brotli = 4
    case lz4 = 5
    case zstd = 6
    case lz4Raw = 7
}

/// Pages, by their number in the format.
enum PageKind: Int, Sendable {
    case data = 0
    case index = 1
    case dictionary = 2
    case dataV2 = 3
}
