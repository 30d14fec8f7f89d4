/// What a file of `_delta_log` is, by its name.
enum LogFileName: Hashable {
    case commit(TableVersion)
    case checkpoint(TableVersion)
    case checkpointPart(TableVersion, part: Int, of: Int)
    case uuidCheckpoint(TableVersion, isJSON: Bool)
    case compaction(from: TableVersion, to: TableVersion)
    case checksum(TableVersion)

    /// Reads a name without its folder; nil for anything else, temporary files and folders included.
    init?(_ name: Substring) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 2, let version = Self.version(parts[0]) else { return nil }
        switch parts.count {
        case 2 where parts[1] == "json": self = .commit(version)
        case 2 where parts[1] == "crc": self = .checksum(version)
        case 3 where parts[1] == "checkpoint" && parts[2] == "parquet": self = .checkpoint(version)
        case 4 where parts[2] == "compacted" && parts[3] == "json":
            guard let end = Self.version(parts[1]), end >= version else { return nil }
            self = .compaction(from: version, to: end)
        case 4 where parts[1] == "checkpoint" && !parts[2].isEmpty:
            guard parts[3] == "parquet" || parts[3] == "json" else { return nil }
            self = .uuidCheckpoint(version, isJSON: parts[3] == "json")
        case 5 where parts[1] == "checkpoint" && parts[4] == "parquet":
            guard parts[2].utf8.count == 10, parts[3].utf8.count == 10, let part = Int(parts[2]),
                let count = Int(parts[3]), part >= 1, part <= count
            else { return nil }
            self = .checkpointPart(version, part: part, of: count)
        default: return nil
        }
    }

    private static func version(_ digits: Substring) -> TableVersion? {
        guard digits.utf8.count == 20 else { return nil }
        var number: Int64 = 0
        for byte in digits.utf8 {
            guard (0x30...0x39).contains(byte) else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, more) = product.addingReportingOverflow(Int64(byte - 0x30))
            guard !overflow, !more else { return nil }
            number = sum
        }
        return TableVersion(number)
    }
}

extension TableVersion {
    /// The version as 20 digits, with which the names of its files begin.
    var digits: String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 20 - digits.utf8.count)) + digits
    }
}
