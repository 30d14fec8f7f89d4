#if canImport(Glibc)
import Glibc

/// Memory that was freed and that the C library keeps.
enum FreedMemory {
    /// Gives it back to the system.
    ///
    /// The library keeps what a thread has freed for that thread. After a load, other threads pack files: without this the
    /// two add up.
    static func giveBack() {
        guard let symbol = unsafe dlsym(nil, "malloc_trim") else { return }
        // As malloc.h declares it: bytes to keep at the top of the heap, and whether anything was given back.
        let trim = unsafe unsafeBitCast(symbol, to: (@convention(c) (Int) -> CInt).self)
        _ = trim(0)
    }
}
#else
/// Memory that was freed; other systems look after it by themselves.
enum FreedMemory {
    /// Nothing.
    static func giveBack() {}
}
#endif
