#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file on the local disk.
///
/// The descriptor is opened once and closed when the last reference goes.
public final class LocalParquetFile: BlockingParquetSource {
    /// The size of the file in bytes when it was opened.
    public let byteCount: Int
    private let descriptor: CInt

    /// Opens a file.
    ///
    /// - Throws: `ParquetError` when there is no such file, or it cannot be read.
    public init(path: String) throws(ParquetError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ParquetError(.notParquet, message: "\(path) cannot be opened (error \(errno))")
        }
        let size = lseek(descriptor, 0, SEEK_END)
        guard size >= 0 else {
            _ = close(descriptor)
            throw ParquetError(.notParquet, message: "\(path) is not a file")
        }
        self.descriptor = descriptor
        byteCount = Int(size)
    }

    deinit { _ = close(descriptor) }

    /// Reads the bytes of a range.
    public func readNow(_ range: Range<Int>) throws(ParquetError) -> (bytes: [UInt8], start: Int) {
        guard range.lowerBound >= 0, range.upperBound <= byteCount else {
            throw ParquetError(.damaged, message: "the file ends before byte \(range.upperBound)")
        }
        var failed = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: range.count) { target, filled in
            // The array has room for the whole range, and each call is told how much of it is left.
            while filled < range.count {
                let left = range.count - filled
                let got = unsafe pread(
                    descriptor,
                    target.baseAddress.map { unsafe $0 + filled },
                    left,
                    off_t(range.lowerBound + filled)
                )
                if got < 0 && errno == EINTR { continue }
                guard got > 0 else {
                    failed = true
                    return
                }
                filled += got
            }
        }
        guard !failed else {
            throw ParquetError(.damaged, message: "the file cannot be read up to byte \(range.upperBound)")
        }
        return (bytes, range.lowerBound)
    }
}
