#if Masking
import CCrypto

/// The 32 bytes of HMAC-SHA256.
///
/// OpenSSL reads `count` bytes of key and text and writes `EVP_MAX_MD_SIZE` at most; the three buffers are owned by
/// this call and live until it returns.
func hmacSHA256(_ key: [UInt8], _ text: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    let written = unsafe key.withUnsafeBytes { key in
        unsafe text.withUnsafeBufferPointer { text in
            unsafe code.withUnsafeMutableBufferPointer { code in
                unsafe HMAC(
                    EVP_sha256(),
                    key.baseAddress,
                    Int32(key.count),
                    text.baseAddress,
                    text.count,
                    code.baseAddress,
                    &count
                ) != nil
            }
        }
    }
    precondition(written && count == 32, "OpenSSL has no SHA-256")
    return Array(code.prefix(32))
}
#endif
