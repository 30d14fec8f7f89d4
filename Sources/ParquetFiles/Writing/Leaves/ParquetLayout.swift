/// How the columns of files turned out to be laid out best: what one writer found out spares the next one of like rows the
/// trials.
///
/// A writer that begins with a layout follows it where its own first page is of too few rows to tell, and holds it against
/// that page where it is not.
package struct ParquetLayout: Sendable {
    struct Column: Sendable {
        var encoding: Encoding
        /// Whether compressing pages of this encoding pays; nil where too little was seen to tell.
        var isCompressed: Bool?
        var zstdTable: ZstdTable?
    }

    /// The leaf columns by their paths.
    private(set) var columns: [[String]: Column] = [:]

    /// A page of fewer values does not tell how a column is laid out best.
    static let tellingValues = 4_096

    /// Makes the layout of which nothing is known.
    package init() {}

    init(_ chunks: [ChunkEncoder]) {
        for chunk in chunks { columns[chunk.leaf.path] = chunk.layout }
    }

    /// Reads a layout from a file, if it is one of ours with rows enough to tell.
    package init?(_ footer: ParquetFooter) {
        let ours = ParquetWriterOptions().createdBy.prefix { $0 != " " }
        guard footer.metadata.createdBy?.hasPrefix(ours) == true,
            let group = footer.file.rowGroups.max(by: { $0.rowCount < $1.rowCount }),
            group.rowCount >= Self.tellingValues
        else { return nil }
        for chunk in group.chunks {
            let encodings = chunk.pageCounts.filter { $0.kind == .data }.map(\.encoding)
            // A dictionary that was given up is followed by what took its place.
            guard let encoding = encodings.first(where: { $0 != .dictionary }) ?? encodings.first else {
                continue
            }
            columns[chunk.path] = Column(
                encoding: encoding,
                isCompressed: encodings.count == 1 ? chunk.codec != .uncompressed : nil,
                zstdTable: .usual
            )
        }
    }

    /// Takes over what another layout says, where it says something.
    package mutating func learn(_ other: ParquetLayout) {
        columns.merge(other.columns) { $1 }
    }

    /// Whether nothing is known.
    package var isEmpty: Bool { columns.isEmpty }
}
