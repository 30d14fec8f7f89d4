#if MariaDB
import Foundation
@testable import MariaDBConnectors
import SourceConnectors
import Testing

// The client library hashes and encrypts by OpenSSL, on threads that may end just when the process does.
@Suite("MariaDB exits", .enabled(if: openSSL != nil, "the client library uses no OpenSSL"))
struct MariaDBExitTests {
    @Test("OpenSSL is still usable while the process exits after it had a session")
    func sessions() async {
        await #expect(processExitsWith: .success) {
            atexit { _exit(openSSL?(2, nil) == 1 ? EXIT_SUCCESS : EXIT_FAILURE) }
            _ = try SessionThread.startForMariaDB()
            _ = openSSL?(2, nil)
            exit(EXIT_FAILURE)
        }
    }
}

/// `OPENSSL_init_crypto` of the library that the process has: 1 as long as that can be used.
///
/// It is asked to load the strings of errors (2), as every use does.
private let openSSL: (@convention(c) (UInt64, UnsafeRawPointer?) -> Int32)? = {
    guard let program = dlopen(nil, RTLD_NOW), let found = dlsym(program, "OPENSSL_init_crypto") else {
        return nil
    }
    return unsafeBitCast(found, to: (@convention(c) (UInt64, UnsafeRawPointer?) -> Int32).self)
}()
#endif
