#if MariaDB
import CMariaDB

/// Reads the packets of a result, block by block where the transport allows it, else one by one by the library.
///
/// Blocks are large, so that few calls into the kernel are needed, and packets are looked at where they arrive. The
/// buffer is owned by this object; a packet is valid until the next one is asked for.
@safe
final class PacketReader {
    /// What follows in the stream.
    @safe
    enum Packet {
        /// A row of `length` bytes.
        case row(UnsafeRawPointer, length: Int)
        /// The end of the result.
        case end
        /// An error of the server, after which the connection can be used again; the library does not know of it.
        case serverError(ServerFailure)
        /// The library holds the error.
        case failed
        /// The connection broke, or what came is no packet.
        case broken(ServerFailure)
    }

    private static let blockSize = 256 << 10

    /// Reads of fewer bytes than this are worth waiting for, those of more show that the socket's buffer fills.
    private static let fewBytes = 48 << 10
    private static let manyBytes = 96 << 10

    /// The longest time to wait before reading again, in microseconds.
    private static let longestPause = 1_600

    private let handle: UnsafeMutablePointer<MYSQL>
    private let readsBlocks: Bool
    private let fetcher: StatementFetcher?
    private var buffer: UnsafeMutableRawPointer
    private var capacity: Int
    /// The bytes that are read and not yet handed over.
    private var start = 0
    private var end = 0
    private var sequence: UInt8?
    private var total = 0
    /// Microseconds to wait before reading again, while the server is slower than this thread.
    ///
    /// Reading every few kilobytes as they come costs a change of threads each time. The socket's buffer holds what comes
    /// meanwhile, and the time is kept so short that it never fills, in which case the server would wait.
    private var pause = 0

    /// Makes a reader of the result that has been executed on a connection, which must outlive the reader.
    ///
    /// With a fetcher the rows come from that one, whatever the transport is.
    init(_ handle: UnsafeMutablePointer<MYSQL>, prefersBlocks: Bool, fetcher: StatementFetcher? = nil) {
        unsafe self.handle = handle
        self.fetcher = fetcher
        readsBlocks = unsafe prefersBlocks && tributary_can_read_blocks(handle) != 0
        capacity = readsBlocks ? Self.blockSize : 0
        unsafe buffer = .allocate(byteCount: max(1, capacity), alignment: 16)
    }

    deinit { unsafe buffer.deallocate() }

    /// The next packet.
    @inline(__always)
    func next() -> Packet {
        guard readsBlocks else { return nextByLibrary() }
        // A whole packet of usual size in the buffer is the case that counts.
        if end &- start >= 5 {
            let header = unsafe UInt32(
                littleEndian: buffer.loadUnaligned(fromByteOffset: start, as: UInt32.self)
            )
            let length = Int(header & 0xFF_FFFF)
            let number = UInt8(truncatingIfNeeded: header &>> 24)
            if length < 0xFF_FFFF && length > 0 && end &- start &- 4 >= length,
                sequence.map({ $0 &+ 1 == number }) ?? true
            {
                let payload = unsafe UnsafeRawPointer(buffer + start + 4)
                if unsafe payload.load(as: UInt8.self) == 0 {
                    sequence = number
                    start &+= 4 &+ length
                    return unsafe .row(payload, length: length)
                }
            }
        }
        return nextFromBlocks()
    }

    private func nextByLibrary() -> Packet {
        if let fetcher { return fetcher.next() }
        var length: UInt = 0
        guard let packet = unsafe tributary_next_packet(handle, &length) else { return .failed }
        if length < 0xFF_FFFF, unsafe packet.pointee == 0xFE { return .end }
        return unsafe .row(UnsafeRawPointer(packet), length: Int(length))
    }

    /// The packets that are not wholly there yet, are of more than one part, or are no rows.
    @inline(never)
    private func nextFromBlocks() -> Packet {
        // The parts of one packet are joined behind the first header.
        var length = 0
        while true {
            guard fill(length == 0 ? 4 : 4 + length + 4) else { return broken("the connection was lost") }
            let position = unsafe buffer + start + (length == 0 ? 0 : 4 + length)
            let header = unsafe UInt32(littleEndian: position.loadUnaligned(as: UInt32.self))
            let part = Int(header & 0xFF_FFFF)
            let number = UInt8(truncatingIfNeeded: header &>> 24)
            if let sequence, sequence &+ 1 != number { return broken("packets came out of order") }
            sequence = number
            if length > 0 {
                // The header of a further part is closed up.
                let rest = end - start - 4 - length - 4
                unsafe (buffer + start + 4 + length).copyMemory(from: position + 4, byteCount: rest)
                end -= 4
            }
            guard fill(4 + length + part) else { return broken("the connection was lost") }
            length += part
            guard length <= 1 << 30 else { return broken("a row exceeds 1 GiB") }
            if part < 0xFF_FFFF { break }
        }
        guard length > 0 else { return broken("an empty packet came") }
        let payload = unsafe UnsafeRawPointer(buffer + start + 4)
        start += 4 + length
        switch unsafe payload.load(as: UInt8.self) {
        case 0xFE where length < 0xFF_FFFF:
            return start == end ? .end : broken("bytes follow the end of a result")
        case 0xFF: return unsafe serverError(payload, length)
        default: return unsafe .row(payload, length: length)
        }
    }

    /// Makes sure that some bytes are in the buffer from `start` on; false when the connection breaks before.
    private func fill(_ count: Int) -> Bool {
        if start == end {
            start = 0
            end = 0
        }
        while end - start < count {
            if start + count > capacity || capacity - end < 4_096 { makeRoom(count) }
            let target = unsafe (buffer + end).assumingMemoryBound(to: UInt8.self)
            if pause > 0 { tributary_pause(pause) }
            let read = unsafe tributary_read_block(handle, target, capacity - end)
            guard read > 0 && read <= capacity - end else { return false }
            end += read
            total &+= read
            if read < Self.fewBytes && total > Self.blockSize * 4 {
                pause = min(max(pause, 50) * 2, Self.longestPause)
            } else if read > Self.manyBytes {
                pause /= 2
            }
        }
        return true
    }

    private func makeRoom(_ count: Int) {
        let left = end - start
        if count + 4_096 > capacity {
            let grown = max(count + Self.blockSize, min(capacity * 2, 1 << 30))
            let target = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 16)
            unsafe target.copyMemory(from: buffer + start, byteCount: left)
            unsafe buffer.deallocate()
            unsafe buffer = target
            capacity = grown
        } else {
            unsafe buffer.copyMemory(from: buffer + start, byteCount: left)
        }
        start = 0
        end = left
    }

    /// An error packet: its number, a marker and five characters of state, and the text.
    private func serverError(_ payload: UnsafeRawPointer, _ length: Int) -> Packet {
        guard length >= 3, start == end else { return broken("an error packet is malformed") }
        let number = unsafe UInt16(littleEndian: payload.loadUnaligned(fromByteOffset: 1, as: UInt16.self))
        let hasState = unsafe length >= 9 && payload.load(fromByteOffset: 3, as: UInt8.self) == 0x23
        let text = hasState ? 9 : 3
        let bytes = unsafe UnsafeRawBufferPointer(start: payload + text, count: length - text)
        return unsafe .serverError(
            ServerFailure(number: Int(number), text: String(decoding: bytes, as: UTF8.self))
        )
    }

    private func broken(_ text: String) -> Packet {
        .broken(ServerFailure(number: 2013, text: text))
    }
}
#endif
