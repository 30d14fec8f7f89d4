/// Some bytes of a file, and where in it they begin.
struct ByteWindow {
    var bytes: [UInt8] = []
    var start = 0

    var end: Int { start + bytes.count }

    /// How many bytes there are from a position of the file on.
    func count(from position: Int) -> Int {
        position >= start && position < end ? end - position : 0
    }

    /// The bytes of a range of the file.
    ///
    /// - Precondition: the window has them.
    func slice(_ range: Range<Int>) -> ArraySlice<UInt8> {
        bytes[(range.lowerBound - start)..<(range.upperBound - start)]
    }
}
