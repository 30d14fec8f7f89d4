#if Masking
import SourceConnectors
public import SyncPipelines

extension MaskingKey {
    /// The key of a secret, with HMAC-SHA256 (RFC 2104, FIPS 180-4) by OpenSSL.
    ///
    /// - Parameter secret: At least 32 bytes of text that is hard to guess, such as `openssl rand -hex 32` gives.
    /// - Throws: `SyncError` when the secret is too short.
    public init(secret: String) throws(SyncError) {
        keepCryptographyUntilExit()
        try self.init(Array(secret.utf8)) { key, text in hmacSHA256(key, text) }
    }
}
#endif
