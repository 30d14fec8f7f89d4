/// Decodes DELTA_BINARY_PACKED: a first number and packed differences, in blocks of miniblocks.
///
/// The decoder holds positions only; every call is given the bytes of the page. Headers and packed bytes are checked
/// against `end` before they are read; where eight bytes are loaded at once, eight are left in the page.
struct DeltaDecoder {
    /// The numbers that are left.
    private(set) var left: Int
    private var position: Int
    private let end: Int
    private let miniblockSize: Int
    private let miniblockCount: Int
    private var previous: Int64
    private var isFirst = true
    private var least: Int64 = 0
    /// Where the widths of the present block lie, and which of them is next.
    private var widths = 0
    private var miniblock: Int
    /// The present miniblock.
    private var inMiniblock = 0
    private var width = 0
    private var bit = 0

    private static let damaged = ParquetError(.damaged, message: "a page of differences cannot be read")

    /// Reads the header of the numbers that begin at `start`.
    init(_ bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) throws(ParquetError) {
        var position = start
        let blockSize = unsafe try Self.varint(bytes, &position, end)
        let miniblocks = unsafe try Self.varint(bytes, &position, end)
        let total = unsafe try Self.varint(bytes, &position, end)
        previous = unsafe try Self.zigzag(bytes, &position, end)
        guard (1...(1 << 20)).contains(blockSize), (1...blockSize).contains(miniblocks),
            blockSize % miniblocks == 0, total <= UInt64(Int32.max)
        else { throw Self.damaged }
        left = Int(total)
        miniblockCount = Int(miniblocks)
        miniblockSize = Int(blockSize / miniblocks)
        miniblock = miniblockCount
        self.position = position
        self.end = end
    }

    /// Where the numbers end and what follows them begins; only to be asked before the first number is read.
    func endPosition(_ bytes: UnsafeRawBufferPointer) throws(ParquetError) -> Int {
        var walker = self
        var count = left - 1
        while count > 0 {
            if walker.miniblock == miniblockCount { unsafe try walker.nextBlock(bytes) }
            unsafe try walker.nextMiniblock(bytes, count)
            count -= miniblockSize
        }
        return walker.position
    }

    private mutating func nextBlock(_ bytes: UnsafeRawBufferPointer) throws(ParquetError) {
        least = unsafe try Self.zigzag(bytes, &position, end)
        guard end - position >= miniblockCount else { throw Self.damaged }
        widths = position
        position += miniblockCount
        miniblock = 0
    }

    /// Begins a miniblock of which `count` numbers are wanted; the last one may be cut short after them.
    private mutating func nextMiniblock(_ bytes: UnsafeRawBufferPointer, _ count: Int) throws(ParquetError) {
        width = unsafe Int(bytes[widths + miniblock])
        miniblock += 1
        let wanted = min(count, miniblockSize)
        guard width <= 64, (wanted * width + 7) / 8 <= end - position else { throw Self.damaged }
        inMiniblock = wanted
        bit = position * 8
        position = min(position + (miniblockSize * width + 7) / 8, end)
    }

    /// The next numbers, written to `target`, which has room for `count`; sums wrap, as the format wants.
    @inline(__always)
    mutating func read<Number: FixedWidthInteger>(
        _ count: Int,
        _ bytes: UnsafeRawBufferPointer,
        to target: UnsafeMutablePointer<Number>
    ) throws(ParquetError) {
        guard count <= left else {
            throw ParquetError(.damaged, message: "a page has fewer differences than values")
        }
        var done = 0
        if isFirst && count > 0 {
            isFirst = false
            unsafe target[0] = Number(truncatingIfNeeded: previous)
            done = 1
            left -= 1
        }
        while done < count {
            if inMiniblock == 0 {
                if miniblock == miniblockCount { unsafe try nextBlock(bytes) }
                unsafe try nextMiniblock(bytes, left)
            }
            let taken = min(inMiniblock, count - done)
            unsafe unpack(taken, bytes, to: target + done)
            inMiniblock -= taken
            left -= taken
            done += taken
        }
    }

    @inline(__always)
    private mutating func unpack<Number: FixedWidthInteger>(
        _ count: Int,
        _ bytes: UnsafeRawBufferPointer,
        to target: UnsafeMutablePointer<Number>
    ) {
        var sum = previous
        var place = bit
        var index = 0
        let least = least
        let width = width
        if width == 0 {
            // Differences that are all the same, as those of numbers counted by a server.
            while index < count {
                sum = sum &+ least
                unsafe target[index] = Number(truncatingIfNeeded: sum)
                index += 1
            }
        } else if width <= 57 {
            let mask: UInt64 = (1 &<< UInt64(width)) &- 1
            while index < count && place &>> 3 + 8 <= bytes.count {
                let word = unsafe UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: place &>> 3, as: UInt64.self)
                )
                sum = sum &+ least &+ Int64(bitPattern: word &>> UInt64(place & 7) & mask)
                unsafe target[index] = Number(truncatingIfNeeded: sum)
                index += 1
                place += width
            }
        }
        while index < count {
            // Near the end of the page, or so wide that a number touches nine bytes.
            var number: UInt64 = 0
            var filled = 0
            while filled < width {
                let byte = unsafe UInt64(bytes[place &>> 3])
                let shift = place & 7
                let taken = min(8 - shift, width - filled)
                number |= (byte &>> UInt64(shift) & ((1 &<< UInt64(taken)) &- 1)) &<< UInt64(filled)
                filled += taken
                place += taken
            }
            sum = sum &+ least &+ Int64(bitPattern: number)
            unsafe target[index] = Number(truncatingIfNeeded: sum)
            index += 1
        }
        previous = sum
        bit = place
    }

    private static func varint(_ bytes: UnsafeRawBufferPointer, _ position: inout Int, _ end: Int)
        throws(ParquetError) -> UInt64
    {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end, shift < 64 {
            let byte = unsafe bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw damaged
    }

    private static func zigzag(_ bytes: UnsafeRawBufferPointer, _ position: inout Int, _ end: Int)
        throws(ParquetError) -> Int64
    {
        let value = unsafe try varint(bytes, &position, end)
        return Int64(bitPattern: value &>> 1) ^ -Int64(bitPattern: value & 1)
    }
}
