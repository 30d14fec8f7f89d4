/// Finds the footer in the last bytes of a file.
enum FooterTail {
    /// What the last bytes gave.
    enum Result {
        case footer([UInt8])
        /// The footer begins before the bytes: this range has it.
        case needs(Range<Int>)
    }

    /// The range of the last bytes, which nearly always hold the whole footer.
    static func guess(fileSize: Int) throws(ParquetError) -> Range<Int> {
        guard fileSize >= 12 else {
            throw ParquetError(.notParquet, message: "the file has only \(fileSize) bytes")
        }
        return (fileSize - min(fileSize, 64 << 10))..<fileSize
    }

    /// Looks at the last bytes of a file.
    static func find(in tail: ArraySlice<UInt8>, fileSize: Int) throws(ParquetError) -> Result {
        let magic = Array(tail.suffix(4))
        if magic == Array("PARE".utf8) {
            throw ParquetError(.encrypted, message: "the file is encrypted, which is not supported")
        }
        guard magic == Array("PAR1".utf8), tail.count >= 8 else {
            throw ParquetError(
                .notParquet,
                message: "the file does not end with PAR1; it is not Parquet, or cut short"
            )
        }
        let length = tail.suffix(8).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length > 0, length <= fileSize - 12 else {
            throw ParquetError(
                .damaged,
                message: "the footer is \(length) bytes long in a file of \(fileSize)"
            )
        }
        if length + 8 > tail.count { return .needs((fileSize - length - 8)..<fileSize) }
        return .footer(Array(tail.dropLast(8).suffix(length)))
    }
}
