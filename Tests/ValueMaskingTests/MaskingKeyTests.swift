#if Masking
import CCrypto
import Foundation
import SourceConnectors
import SyncPipelines
import Testing
import ValueMasking

@Suite("Masking keys by OpenSSL")
struct MaskingKeyTests {
    @Test("a short secret is refused")
    func short() {
        #expect(throws: SyncError.self) { try MaskingKey(secret: String(repeating: "k", count: 31)) }
        #expect(throws: SyncError.self) { try MaskingKey(secret: "") }
    }

    // OpenSSL frees, when the process exits, what threads hold that are about to free it themselves: a crash now and then,
    // after all the work is done.
    @Test("OpenSSL is still usable while the process exits after it made a key")
    func keys() async {
        await #expect(processExitsWith: .success) {
            reportAtExit()
            _ = try MaskingKey(secret: String(repeating: "k", count: 32))
            OPENSSL_init_crypto(loadStrings, nil)
            exit(EXIT_FAILURE)
        }
    }

    @Test("unless it was, the process would say so")
    func withoutKeys() async {
        await #expect(processExitsWith: .failure) {
            reportAtExit()
            OPENSSL_init_crypto(loadStrings, nil)
            exit(EXIT_SUCCESS)
        }
    }
}

private let loadStrings = UInt64(OPENSSL_INIT_LOAD_CRYPTO_STRINGS)

/// Ends the process, after all that was registered to run at its exit later than now, by success if OpenSSL is usable.
private func reportAtExit() {
    // Strings of errors, as every use of the library loads them; nothing at all is answered without a look.
    atexit { _exit(OPENSSL_init_crypto(loadStrings, nil) == 1 ? EXIT_SUCCESS : EXIT_FAILURE) }
}
#endif
