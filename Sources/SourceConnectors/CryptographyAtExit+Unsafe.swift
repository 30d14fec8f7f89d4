#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Keeps OpenSSL, where the process has it, usable until the process has ended.
///
/// By itself it frees what it holds when the process exits, what each thread holds as well, without a look at threads that
/// are about to end and free the same: a program whose last act is to stop its session threads now and then crashes after
/// all its work is done. The system takes all memory back anyway. It must be asked for before OpenSSL is used at all
/// (`OPENSSL_INIT_NO_ATEXIT` in OPENSSL_init_crypto(3)), so whatever is about to use it, or a library that does, calls this.
package func keepCryptographyUntilExit() {
    _ = isCryptographyKept
}

/// Whether OpenSSL was there and agreed.
private let isCryptographyKept: Bool = {
    // Looked up by name: nothing here links to it, but libraries that connectors and transports use may.
    #if canImport(Darwin)
    let everywhere = unsafe UnsafeMutableRawPointer(bitPattern: -2)
    #else
    let everywhere: UnsafeMutableRawPointer? = nil
    #endif
    guard let found = unsafe dlsym(everywhere, "OPENSSL_init_crypto") else { return false }
    typealias Initialise = @convention(c) (UInt64, UnsafeRawPointer?) -> Int32
    // int OPENSSL_init_crypto(uint64_t, const OPENSSL_INIT_SETTINGS *), since OpenSSL 1.1.0; the option since 1.1.1b.
    let initialise = unsafe unsafeBitCast(found, to: Initialise.self)
    return initialise(0x0008_0000, nil) == 1
}()
