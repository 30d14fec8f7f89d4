import SourceConnectors

/// What becomes of a column that nobody is to see.
///
/// Masks are put on as rows arrive from the source: the lake, the stage, digests, reports and logs know no other values.
public enum ColumnMask: String, Sendable, Hashable, CaseIterable {
    /// The column does not come.
    case drop
    /// Values become a keyed hash of their text: the same value is the same hash in all tables of all clients.
    case hmac
    /// The same with a key of each client's own: hashes join within a client and say nothing across clients.
    case hmacPerClient
}

/// The key of masks, and the hash.
///
/// `ValueMasking` makes one with HMAC-SHA256.
public struct MaskingKey: Sendable, CustomStringConvertible, CustomReflectable {
    private let key: [UInt8]
    private let hmac: @Sendable (_ key: [UInt8], _ text: [UInt8]) -> [UInt8]

    /// Makes a key.
    ///
    /// - Parameters:
    ///   - key: At least 32 bytes that are hard to guess.
    ///   - hmac: The keyed hash: at least 16 bytes that depend on all of key and text, the same wherever it runs.
    /// - Throws: `SyncError` when the key is too short.
    public init(
        _ key: [UInt8],
        hmac: @escaping @Sendable (_ key: [UInt8], _ text: [UInt8]) -> [UInt8]
    ) throws(SyncError) {
        guard key.count >= 32 else {
            throw SyncError(
                .missingSecret,
                step: "configuration",
                path: "maskKey",
                message:
                    "the key of masks has \(key.count) bytes; give it 32 or more, such as openssl rand -hex 32 makes"
            )
        }
        self.key = key
        self.hmac = hmac
    }

    /// Not the key.
    public var description: String { "a key of masks" }

    /// Not the key.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// A key that follows from this one and a name.
    func derived(_ name: String) -> MaskingKey {
        MaskingKey(derived: hmac(key, Array(name.utf8)), hmac: hmac)
    }

    private init(derived key: [UInt8], hmac: @escaping @Sendable ([UInt8], [UInt8]) -> [UInt8]) {
        self.key = key
        self.hmac = hmac
    }

    /// The first 16 bytes of the hash as 32 digits.
    func masked(_ text: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let code = hmac(key, text).prefix(16)
        return String(decoding: code.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
