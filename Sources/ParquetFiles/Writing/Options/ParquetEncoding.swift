/// How the values of a column are laid out in a page.
public enum ParquetEncoding: Sendable, Hashable, CaseIterable {
    /// One after the other.
    case plain
    /// As positions among the distinct values; a column whose dictionary grows too large goes on without.
    case dictionary
    /// Whole numbers, times and decimals of up to 18 digits as differences of neighbours.
    case deltaBinaryPacked
    /// Texts and bytes with all lengths ahead.
    case deltaLengthByteArray
    /// Texts and bytes without the beginning that each shares with the one before it.
    case deltaByteArray
    /// Numbers with their first bytes together, then their second ones, and so on, which codecs do well on.
    case byteStreamSplit
    /// Booleans as runs.
    case runLength
}

extension ParquetEncoding {
    /// The encoding's number in the format.
    var encoding: Encoding {
        switch self {
        case .plain: .plain
        case .dictionary: .dictionary
        case .deltaBinaryPacked: .deltaBinaryPacked
        case .deltaLengthByteArray: .deltaLengthByteArray
        case .deltaByteArray: .deltaByteArray
        case .byteStreamSplit: .byteStreamSplit
        case .runLength: .rle
        }
    }

    /// Whether values of a physical type can be written so.
    func fits(_ type: PhysicalType) -> Bool {
        switch self {
        case .plain: true
        case .dictionary: type != .boolean
        case .deltaBinaryPacked: type == .int32 || type == .int64
        case .deltaLengthByteArray, .deltaByteArray: type == .byteArray
        case .byteStreamSplit: type != .boolean && type != .byteArray
        case .runLength: type == .boolean
        }
    }
}
