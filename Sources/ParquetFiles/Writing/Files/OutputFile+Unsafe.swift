#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A local file that is being written; it is removed unless it was finished.
///
/// The descriptor belongs to this object alone and is closed once; `write` is given the address and the size of an array
/// that lives through the call. One thread at a time uses the object, though not always the same one: whoever hands it to
/// another waits until that one is done.
@safe final class OutputFile: @unchecked Sendable {
    private let path: String
    private var descriptor: CInt

    /// Makes the file, or empties the one that is there.
    init(path: String) throws(ParquetError) {
        self.path = path
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure }
    }

    deinit {
        guard descriptor >= 0 else { return }
        _ = close(descriptor)
        _ = unsafe unlink(path)
    }

    func write(_ parts: [ArraySlice<UInt8>]) throws(ParquetError) {
        for part in parts { try write(part) }
    }

    private func write(_ bytes: ArraySlice<UInt8>) throws(ParquetError) {
        let isWhole = unsafe bytes.withUnsafeBytes { bytes in
            var rest = unsafe bytes[...]
            while unsafe !rest.isEmpty {
                let size = unsafe system(UnsafeRawBufferPointer(rebasing: rest))
                if size < 0 && errno == EINTR { continue }
                guard size > 0 else { return false }
                unsafe rest = rest.dropFirst(size)
            }
            return true
        }
        guard isWhole else { throw failure }
    }

    /// Closes the file, which then stays.
    func finish() throws(ParquetError) {
        let isClosed = close(descriptor) == 0
        descriptor = -1
        guard isClosed else { throw failure }
    }

    private func system(_ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
        unsafe Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        unsafe Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    private var failure: ParquetError {
        let reason = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
        return ParquetError(.output, message: "\(path) cannot be written: \(reason)")
    }
}
