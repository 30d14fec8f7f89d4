import DeltaLog
public import FoundationEssentials
import SyncLedgers

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Who holds a lease, and until when.
public struct LeaseHolder: Sendable, Hashable, Codable {
    /// The run.
    public var run: String
    /// The machine.
    public var host: String
    /// The process.
    public var process: Int
    /// When the lease ends unless it is renewed.
    public var expiresAt: Date

    init(run: String, expiresAt: Date) {
        self.run = run
        self.expiresAt = expiresAt
        host = ProcessInfo.processInfo.hostName
        process = Int(ProcessInfo.processInfo.processIdentifier)
    }

    /// Reads a lease; nil for bytes that are none.
    init?(_ bytes: [UInt8]) {
        guard let json = try? JSONParser.parse(bytes[...]), let run = json["run"]?.string,
            let host = json["host"]?.string, let process = json["process"]?.integer,
            let expiry = json["expiresAt"]?.integer
        else { return nil }
        self.run = run
        self.host = host
        self.process = Int(process)
        expiresAt = Date(timeIntervalSince1970: Double(expiry) / 1000)
    }

    var bytes: [UInt8] {
        let json = JSONValue.object([
            "run": .string(run), "host": .string(host), "process": .number("\(process)"),
            "expiresAt": .number("\(Int64(expiresAt.timeIntervalSince1970 * 1000))"),
        ])
        return Array(json.text.utf8)
    }

    /// Whether the lease counts: it has not expired, and its process is not known to be gone.
    func isAlive(at now: Date) -> Bool {
        guard now < expiresAt else { return false }
        guard host == ProcessInfo.processInfo.hostName else { return true }
        if process == Int(ProcessInfo.processInfo.processIdentifier) { return true }
        return kill(pid_t(truncatingIfNeeded: process), 0) == 0 || errno != ESRCH
    }
}

/// The name of a partition's lease objects.
struct LeaseName: Sendable {
    let folder: String
    private let file: String

    init(_ task: TaskIdentity) {
        folder = LeaseBoard.folder + [task.schema, task.table].map(Self.escape).joined(separator: ".") + "/"
        file = [task.region, task.client].map(Self.escape).joined(separator: ".")
    }

    /// The name of a key.
    init?(key: String) {
        guard let slash = key.lastIndex(of: "/") else { return nil }
        folder = String(key[...slash])
        file = String(key[key.index(after: slash)...])
    }

    /// The name without a number.
    var key: String { folder + file }

    /// What the objects' paths begin with.
    var stem: String { key + "." }

    func path(_ number: Int) -> String {
        let digits = "\(number)"
        return stem + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }

    /// The task and the number of an object.
    static func parse(_ path: String) -> (TaskIdentity, Int)? {
        guard path.hasPrefix(LeaseBoard.folder) else { return nil }
        let parts = path.dropFirst(LeaseBoard.folder.count).split(separator: "/")
        guard parts.count == 2 else { return nil }
        let table = parts[0].split(separator: ".").map(unescape)
        let client = parts[1].split(separator: ".").map(unescape)
        guard table.count == 2, client.count == 3, let number = Int(client[2]) else { return nil }
        let task = TaskIdentity(region: client[0], client: client[1], schema: table[0], table: table[1])
        return (task, number)
    }

    /// Letters, digits and two marks stay; every other byte becomes `~` and two digits.
    private static func escape(_ name: String) -> String {
        name.utf8.reduce(into: "") { text, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "~" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
    }

    private static func unescape(_ name: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = name.utf8[...]
        while let byte = rest.popFirst() {
            let digits = String(Substring(rest.prefix(2)))
            if byte == UInt8(ascii: "~"), let code = UInt8(digits, radix: 16) {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
