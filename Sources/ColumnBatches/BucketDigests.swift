/// How rows are spread over buckets: by the checksum of the text of their key.
public struct BucketRule: Sendable, Hashable {
    /// The columns that identify a row, in key order.
    public var keys: [String]
    /// The number of buckets.
    public var count: Int

    /// Makes a rule.
    ///
    /// - Precondition: there are keys, and 1 to 1,048,576 buckets.
    public init(keys: [String], count: Int) {
        precondition(!keys.isEmpty && (1...1_048_576).contains(count), "no keys, or \(count) buckets")
        self.keys = keys
        self.count = count
    }

    /// The bucket of each row of a batch.
    ///
    /// - Precondition: the batch has the key columns.
    public func buckets(of batch: ColumnBatch) -> [Int] {
        let keys = batch.selecting(keys).columns
        var text = RowText()
        return (0..<batch.rowCount).map { row in
            text.set(keys, row: row)
            return Int(CRC32.zlib.checksum(text.bytes)) % count
        }
    }
}

/// What is in each bucket: the number of rows, and both checksums of all rows, added without carry.
///
/// Two sets of rows whose digests are equal are equal, but for accidents of one in 2⁶⁴ a bucket; the order of rows
/// does not matter.
public struct BucketDigests: Sendable, Hashable {
    /// What is in one bucket.
    public struct Bucket: Sendable, Hashable {
        /// The number of rows.
        public var rowCount = 0
        /// The checksums of the rows, added without carry.
        public var checksum = RowChecksum(crc32: 0, crc32c: 0)

        /// Makes an empty bucket.
        public init() {}

        /// Makes a bucket.
        public init(rowCount: Int, checksum: RowChecksum) {
            self.rowCount = rowCount
            self.checksum = checksum
        }
    }

    /// How rows are spread.
    public let rule: BucketRule
    /// One for each bucket.
    public private(set) var buckets: [Bucket]

    /// Makes digests of no rows.
    public init(rule: BucketRule) {
        self.rule = rule
        buckets = Array(repeating: Bucket(), count: rule.count)
    }

    /// The number of rows.
    public var rowCount: Int { buckets.reduce(0) { $0 + $1.rowCount } }

    /// The number of rows and the checksums of all buckets together, `rows-checksums`.
    public var total: String {
        var all = Bucket()
        for bucket in buckets {
            all.checksum.crc32 ^= bucket.checksum.crc32
            all.checksum.crc32c ^= bucket.checksum.crc32c
        }
        return "\(rowCount)-\(all.checksum)"
    }

    /// Adds rows; all their columns count, in the order of the batch.
    ///
    /// - Precondition: the batch has the key columns, and no column is nested.
    public mutating func add(_ batch: ColumnBatch) {
        var text = RowText()
        for (row, bucket) in rule.buckets(of: batch).enumerated() {
            text.set(batch.columns, row: row)
            add(Bucket(rowCount: 1, checksum: RowChecksum(text.bytes)), to: bucket)
        }
    }

    /// Adds to a bucket what another system says of it.
    public mutating func add(_ bucket: Bucket, to number: Int) {
        buckets[number].rowCount += bucket.rowCount
        buckets[number].checksum.crc32 ^= bucket.checksum.crc32
        buckets[number].checksum.crc32c ^= bucket.checksum.crc32c
    }

    /// The buckets whose content differs.
    ///
    /// - Precondition: the other digests have the same number of buckets.
    public func differing(from other: BucketDigests) -> [Int] {
        precondition(buckets.count == other.buckets.count, "digests of another rule")
        return buckets.indices.filter { buckets[$0] != other.buckets[$0] }
    }
}

extension BucketDigests {
    /// The digests as bytes: for each bucket the number of rows in eight, then both checksums in four, little-endian.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(buckets.count * 16)
        for bucket in buckets {
            for shift in stride(from: 0, to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: bucket.rowCount >> shift))
            }
            for part in [bucket.checksum.crc32, bucket.checksum.crc32c] {
                for shift in stride(from: UInt32(0), to: 32, by: 8) {
                    bytes.append(UInt8(truncatingIfNeeded: part >> shift))
                }
            }
        }
        return bytes
    }

    /// Reads the bytes of digests; nil when they are not of this rule.
    public init?(rule: BucketRule, bytes: [UInt8]) {
        guard bytes.count == rule.count * 16 else { return nil }
        self.init(rule: rule)
        func number(_ start: Int, _ count: Int) -> UInt64 {
            (0..<count).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
        }
        for index in buckets.indices {
            guard let rowCount = Int(exactly: number(index * 16, 8)) else { return nil }
            let checksum = RowChecksum(
                crc32: UInt32(number(index * 16 + 8, 4)),
                crc32c: UInt32(number(index * 16 + 12, 4))
            )
            add(Bucket(rowCount: rowCount, checksum: checksum), to: index)
        }
    }
}
