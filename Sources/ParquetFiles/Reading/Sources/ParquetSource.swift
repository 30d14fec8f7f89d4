/// Where the bytes of a file come from.
public protocol ParquetSource: Sendable {
    /// The size of the file in bytes.
    var byteCount: Int { get }

    /// Reads exactly the bytes of a range.
    func read(_ range: Range<Int>) async throws -> [UInt8]

    /// Reads several ranges, which neither touch nor overlap; one after the other unless a source knows better.
    func read(_ ranges: [Range<Int>]) async throws -> [[UInt8]]
}

extension ParquetSource {
    /// Reads the ranges one after the other.
    public func read(_ ranges: [Range<Int>]) async throws -> [[UInt8]] {
        var parts: [[UInt8]] = []
        for range in ranges { parts.append(try await read(range)) }
        return parts
    }
}

/// A source that answers at once: a file on the local disk, or bytes in memory.
public protocol BlockingParquetSource: ParquetSource {
    /// Reads the bytes of a range, or more than those where it costs nothing.
    ///
    /// - Returns: The bytes, and where in the file they begin.
    func readNow(_ range: Range<Int>) throws(ParquetError) -> (bytes: [UInt8], start: Int)
}

extension BlockingParquetSource {
    /// Reads exactly the bytes of a range.
    public func read(_ range: Range<Int>) async throws -> [UInt8] {
        let (bytes, start) = try readNow(range)
        return start == range.lowerBound && bytes.count == range.count
            ? bytes : Array(bytes[(range.lowerBound - start)..<(range.upperBound - start)])
    }
}

/// A file in memory.
public struct MemoryParquetSource: BlockingParquetSource {
    private let bytes: [UInt8]

    /// Makes a source of a file's bytes.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The size of the file in bytes.
    public var byteCount: Int { bytes.count }

    /// The whole file, which is there anyway.
    public func readNow(_ range: Range<Int>) throws(ParquetError) -> (bytes: [UInt8], start: Int) {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else {
            throw ParquetError(.damaged, message: "the file ends before byte \(range.upperBound)")
        }
        return (bytes, 0)
    }
}
