import ColumnBatches

/// Rows that wait until they fill a page.
struct PendingRows {
    private let types: [ColumnType]
    private var pieces: [(columns: [Column], rows: Range<Int>)] = []
    private(set) var rowCount = 0

    /// More pieces than this are joined, so that many small ones take no more memory than their values.
    private static let mostPieces = 64

    init(_ schema: BatchSchema) {
        types = schema.fields.map(\.type)
    }

    /// Keeps some rows; their columns are not copied.
    mutating func append(_ columns: [Column], _ rows: Range<Int>) {
        pieces.append((columns, rows))
        rowCount += rows.count
        if pieces.count > Self.mostPieces {
            let joined = join()
            pieces = [(joined, 0..<rowCount)]
        }
    }

    /// The rows as columns; none waits afterwards.
    mutating func take() -> [Column] {
        let columns = join()
        pieces = []
        rowCount = 0
        return columns
    }

    private func join() -> [Column] {
        types.indices.map { index in
            if pieces.count == 1 { return pieces[0].columns[index].slice(pieces[0].rows) }
            if let column = joinDictionaries(index) { return column }
            var builder = ColumnBuilder(types[index])
            for piece in pieces { builder.append(contentsOf: piece.columns[index], rows: piece.rows) }
            return builder.finish()
        }
    }

    /// The rows of a column whose pieces share a dictionary.
    private func joinDictionaries(_ index: Int) -> Column? {
        var indices: [UInt32] = []
        var validity = Bitmap()
        var shared: ByteValues?
        for piece in pieces {
            let column = piece.columns[index]
            guard case .dictionary(let values) = column.storage,
                shared.map({ SharedStorage.isSame($0, values.dictionary) }) ?? true
            else { return nil }
            shared = values.dictionary
            indices += values.indices[piece.rows]
            if let bits = column.validity {
                validity.append(contentsOf: bits, range: piece.rows)
            } else {
                validity.append(repeating: true, count: piece.rows.count)
            }
        }
        guard let shared else { return nil }
        return Column(
            type: types[index],
            storage: .dictionary(DictionaryValues(indices: indices, dictionary: shared)),
            validity: validity
        )
    }
}
