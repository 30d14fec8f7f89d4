/// A growable buffer that keeps its memory from page to page.
///
/// `base` owns `capacity` bytes, of which `count` are written. Every write first reserves its room, so that it stays
/// within the buffer. Encoders in this folder write through `grow`, which hands out exactly the room it reserved.
@safe final class PageBuffer {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int = 1 << 16) {
        self.capacity = capacity
        unsafe base = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    }

    deinit { unsafe base.deallocate() }

    func clear() { count = 0 }

    private func reserve(_ added: Int) {
        guard count + added > capacity else { return }
        let larger = max(capacity * 2, count + added)
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        unsafe fresh.copyMemory(from: base, byteCount: count)
        unsafe base.deallocate()
        unsafe base = fresh
        capacity = larger
    }

    /// Room for `size` bytes at the end, counted as written, and for `slack` more that a wide store may touch.
    ///
    /// The pointer is valid until the next call.
    func grow(by size: Int, slack: Int = 0) -> UnsafeMutableRawPointer {
        reserve(size + slack)
        let room = unsafe base + count
        count += size
        return unsafe room
    }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe body(UnsafeRawBufferPointer(start: base, count: count))
    }

    func append(_ byte: UInt8) {
        unsafe grow(by: 1).storeBytes(of: byte, as: UInt8.self)
    }

    func append(little value: UInt32) {
        unsafe grow(by: 4).storeBytes(of: value.littleEndian, as: UInt32.self)
    }

    /// Writes a number over one that was appended before.
    func replace(at position: Int, little value: UInt32) {
        precondition(position >= 0 && position + 4 <= count, "byte \(position) of \(count)")
        unsafe base.storeBytes(of: value.littleEndian, toByteOffset: position, as: UInt32.self)
    }

    func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        append(UInt8(rest))
    }

    func append(zigzag value: Int64) {
        append(varint: UInt64(bitPattern: value &<< 1 ^ value &>> 63))
    }

    func append(_ bytes: ArraySlice<UInt8>) {
        unsafe bytes.withUnsafeBytes { unsafe append(raw: $0) }
    }

    func append(_ other: PageBuffer) {
        unsafe other.withBytes { unsafe append(raw: $0) }
    }

    /// Numbers as they lie in memory; the format is little-endian, as every machine this builds for.
    func append<Number: BitwiseCopyable>(plain values: ArraySlice<Number>) {
        unsafe values.withUnsafeBytes { unsafe append(raw: $0) }
    }

    private func append(raw source: UnsafeRawBufferPointer) {
        guard let start = source.baseAddress, source.count > 0 else { return }
        unsafe grow(by: source.count).copyMemory(from: start, byteCount: source.count)
    }
}

extension PageBuffer {
    /// Adds what the buffer holds to an array.
    func appendTo(_ bytes: inout [UInt8]) {
        unsafe withBytes { unsafe bytes.append(contentsOf: $0) }
    }
}
