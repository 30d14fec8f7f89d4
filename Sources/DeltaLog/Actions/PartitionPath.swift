/// The folder names and paths of partitioned files: Hive's escaping for the folder, URI encoding for the log.
public enum PartitionPath {
    /// The folder of a partition, such as `region=eu/client_id=17`; empty without partition columns.
    public static func directory(_ values: [String: String?], columns: [String]) -> String {
        columns.map { column in
            let value = (values[column] ?? nil).flatMap { $0.isEmpty ? nil : $0 }
            return escape(column) + "=" + (value.map(escape) ?? "__HIVE_DEFAULT_PARTITION__")
        }.joined(separator: "/")
    }

    /// A path as the log writes it: each byte that a URI path may not hold becomes `%XX`.
    public static func encode(_ path: String) -> String {
        var encoded = ""
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "!"), UInt8(ascii: "$"),
                UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"),
                UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "@"), UInt8(ascii: ":"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default: encoded += "%" + hexadecimal(byte)
            }
        }
        return encoded
    }

    /// A path of the log, each `%XX` decoded once; what is no escape stays as it is.
    public static func decode(_ path: String) -> String {
        guard path.utf8.contains(UInt8(ascii: "%")) else { return path }
        var bytes: [UInt8] = []
        let source = Array(path.utf8)
        var index = 0
        while index < source.count {
            if source[index] == UInt8(ascii: "%"), index + 2 < source.count,
                let high = digit(source[index + 1]),
                let low = digit(source[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 3
            } else {
                bytes.append(source[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// One form for all spellings of a path: `/x`, `file:/x` and `file:///x` are one file.
    static func canonical(_ path: String) -> String {
        let decoded = decode(path)
        guard decoded.hasPrefix("file:") else { return decoded }
        var rest = decoded.dropFirst(5)
        while rest.hasPrefix("//") { rest = rest.dropFirst() }
        return String(rest)
    }

    private static let escaped = Set("\"#%'*/:=?\\{[]^".utf8)

    private static func escape(_ name: String) -> String {
        var text: [UInt8] = []
        for byte in name.utf8 {
            if byte < 0x20 || byte == 0x7F || escaped.contains(byte) {
                text += Array(("%" + hexadecimal(byte)).utf8)
            } else {
                text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
