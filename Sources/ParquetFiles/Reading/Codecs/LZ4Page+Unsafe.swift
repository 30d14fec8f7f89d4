import CLZ4

/// Pages compressed with LZ4: as a raw block, or in the frames of Hadoop, which the format's older codec means.
enum LZ4Page {
    /// Whether the page held exactly `size` bytes, which are then in the buffer.
    static func decode(_ page: ArraySlice<UInt8>, size: Int, into buffer: inout [UInt8]) -> Bool {
        decodeBlock(page, into: &buffer, at: 0, limit: size) == size
    }

    /// The same for pages of frames: the size of the frame's content, the size of the block, the block.
    ///
    /// Some writers of the older codec put a raw block there.
    static func decodeHadoop(_ page: ArraySlice<UInt8>, size: Int, into buffer: inout [UInt8]) -> Bool {
        var rest = page
        var filled = 0
        while let content = takeSize(&rest), content <= size - filled {
            // The content of a frame may be cut into several blocks, each behind its own size.
            let end = filled + content
            while filled < end {
                guard let length = takeSize(&rest), length <= rest.count,
                    let got = decodeBlock(
                        rest.prefix(length),
                        into: &buffer,
                        at: filled,
                        limit: end - filled
                    ),
                    got > 0
                else { return decode(page, size: size, into: &buffer) }
                rest = rest.dropFirst(length)
                filled += got
            }
            if rest.isEmpty && filled == size { return true }
        }
        return decode(page, size: size, into: &buffer)
    }

    private static func takeSize(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard rest.count >= 4 else { return nil }
        let size = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(4)
        return size
    }

    /// The bytes that a block held, which then lie in the buffer from `start` on, or nil.
    private static func decodeBlock(
        _ block: ArraySlice<UInt8>,
        into buffer: inout [UInt8],
        at start: Int,
        limit: Int
    ) -> Int? {
        precondition(
            start + limit <= buffer.count && block.count <= Int(Int32.max) && limit <= Int(Int32.max)
        )
        let got = unsafe block.withUnsafeBytes { source in
            unsafe buffer.withUnsafeMutableBytes { target in
                guard let from = unsafe source.baseAddress?.assumingMemoryBound(to: CChar.self),
                    let to = unsafe target.baseAddress?.assumingMemoryBound(to: CChar.self)
                else { return Int32(-1) }
                // The target has `limit` bytes from `start` on, by the precondition.
                return unsafe LZ4_decompress_safe(from, to + start, Int32(source.count), Int32(limit))
            }
        }
        return got < 0 ? nil : Int(got)
    }
}
