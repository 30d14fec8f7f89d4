#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// An open file; closed when it goes.
///
/// Each pointer that is handed to the system lives for the call only and comes with the length of its buffer.
struct LocalFile: ~Copyable {
    private let descriptor: CInt
    private let path: String

    /// Opens a file for reading, or makes a new one for writing; an existing file is never written over.
    init(_ path: String, object: String, creating: Bool = false) throws {
        let flags = creating ? O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC : O_RDONLY | O_CLOEXEC
        let opened = unsafe open(path, flags, 0o644)
        guard opened >= 0 else {
            throw ObjectStoreError(errno: errno, path: object, doing: creating ? "create" : "open")
        }
        descriptor = opened
        self.path = object
    }

    deinit { _ = close(descriptor) }

    /// The size in bytes.
    func size() throws -> Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw ObjectStoreError(errno: errno, path: path, doing: "size")
        }
        return Int(status.st_size)
    }

    /// Reads exactly the bytes of a range.
    func read(_ range: Range<Int>) throws -> [UInt8] {
        var failure: (any Error)?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while count < range.count {
                // The pointer stays within the buffer: count < range.count, and at most the rest is read.
                let got = unsafe pread(
                    descriptor,
                    buffer.baseAddress.map { unsafe $0 + count },
                    range.count - count,
                    off_t(range.lowerBound + count)
                )
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = ObjectStoreError(errno: errno, path: path, doing: "read") }
                if got == 0 {
                    failure = ObjectStoreError(
                        .outOfRange,
                        path: path,
                        message: "the object ends before byte \(range.upperBound)"
                    )
                }
                if got <= 0 { return }
                count += got
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Adds bytes at the end.
    func write(_ bytes: [UInt8]) throws {
        var written = 0
        while written < bytes.count {
            let put = unsafe bytes.withUnsafeBytes { buffer in
                // Within the array: written < bytes.count, and at most the rest is written.
                unsafe Self.systemWrite(
                    descriptor,
                    buffer.baseAddress.map { unsafe $0 + written },
                    bytes.count - written
                )
            }
            if put < 0 && errno == EINTR { continue }
            guard put > 0 else { throw ObjectStoreError(errno: errno, path: path, doing: "write") }
            written += put
        }
    }

    /// Waits until what was written is on the disk.
    func synchronize() throws {
        guard fsync(descriptor) == 0 else { throw ObjectStoreError(errno: errno, path: path, doing: "fsync") }
    }

    private static func systemWrite(_ descriptor: CInt, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
        unsafe Glibc.write(descriptor, start, count)
        #elseif canImport(Musl)
        unsafe Musl.write(descriptor, start, count)
        #else
        unsafe Darwin.write(descriptor, start, count)
        #endif
    }
}

/// Names in a file system: links, folders, listings.
enum LocalFolder {
    /// Gives a file a second name, unless that is taken.
    static func link(_ path: String, to target: String, object: String) throws {
        let result = systemLink(path, target)
        guard result == 0 else { throw ObjectStoreError(errno: errno, path: object, doing: "link") }
    }

    /// Removes a name; no error when there is none.
    static func remove(_ path: String, object: String) throws {
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw ObjectStoreError(errno: errno, path: object, doing: "delete")
        }
    }

    /// Makes a folder and those above it.
    static func make(_ path: String) throws {
        if unsafe mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw ObjectStoreError(errno: errno, path: path, doing: "make folder")
        }
        try make(String(path[..<slash]))
        guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw ObjectStoreError(errno: errno, path: path, doing: "make folder")
        }
    }

    /// Waits until the names in a folder are on the disk.
    static func synchronize(_ path: String, object: String) throws {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ObjectStoreError(errno: errno, path: object, doing: "open folder")
        }
        defer { _ = close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw ObjectStoreError(errno: errno, path: object, doing: "fsync folder")
        }
    }

    /// The names in a folder, or nil when there is none.
    static func names(_ path: String) throws -> [String]? {
        guard let folder = unsafe opendir(path) else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw ObjectStoreError(errno: errno, path: path, doing: "list")
        }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            // d_name is a null-terminated text within the entry, which lives until the next call.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// What is at a path: nil when nothing is.
    static func status(_ path: String, object: String) throws -> (isFolder: Bool, size: Int, modified: Int64)?
    {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw ObjectStoreError(errno: errno, path: object, doing: "look at")
        }
        #if canImport(Darwin)
        let time = status.st_mtimespec
        #else
        let time = status.st_mtim
        #endif
        let modified = Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        return (status.st_mode & S_IFMT == S_IFDIR, Int(status.st_size), modified)
    }

    private static func systemLink(_ path: String, _ target: String) -> CInt {
        #if canImport(Glibc)
        unsafe Glibc.link(path, target)
        #elseif canImport(Musl)
        unsafe Musl.link(path, target)
        #else
        unsafe Darwin.link(path, target)
        #endif
    }
}

extension ObjectStoreError {
    /// An error of the system, by its number.
    init(errno number: CInt, path: String, doing verb: String) {
        let code: Code =
            switch number {
            case ENOENT, ENOTDIR: .notFound
            case EEXIST: .alreadyExists
            case EACCES, EPERM, EROFS: .accessDenied
            case ENOSPC, EDQUOT: .noSpace
            default: .system
            }
        let reason = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
        self.init(code, path: path, message: "cannot \(verb): \(reason)")
    }
}
