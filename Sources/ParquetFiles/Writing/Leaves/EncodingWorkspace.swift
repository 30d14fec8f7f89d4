/// What a thread needs to encode pages, kept from page to page and column to column.
final class EncodingWorkspace {
    let page = PageBuffer()
    /// Where encodings are tried.
    let trial = PageBuffer()
    let compressor = PageCompressor()
    /// Positions in the dictionary of the chunk that is being written.
    var indices: [UInt32] = []
}
