public import ColumnBatches
import Foundation
import SourceConnectors

/// The rows of a file that belong to a query; holds one batch at a time.
public struct CSVRows: AsyncSequence {
    let reader: CSVReader
    let names: [String]
    let query: ReadQuery

    /// Reads batch after batch.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let rows: CSVRows

        /// The next rows, or nil after the last one.
        public mutating func next() async throws -> ColumnBatch? {
            guard !Task.isCancelled else { throw SourceError(.cancelled, message: "the task was cancelled") }
            let fields = rows.query.columns
            var builders = fields.map { ColumnBuilder($0.type) }
            var count = 0
            while count < Swift.max(rows.query.batchRows, 1), let cells = try rows.reader.nextRow() {
                let row = Dictionary(zip(rows.names, cells)) { first, _ in first }
                guard rows.isInWindow(row) else { continue }
                count += 1
                for (index, field) in fields.enumerated() {
                    builders[index].append(try rows.value(row, field))
                }
            }
            guard count > 0 else { return nil }
            let columns = builders.indices.map { builders[$0].finish() }
            return ColumnBatch(schema: BatchSchema(fields), columns: columns, rowCount: count)
        }
    }

    /// Begins the iteration.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rows: self) }

    private func isInWindow(_ row: [String: String?]) -> Bool {
        guard let window = query.window, let cell = row[window.column] else { return true }
        guard let text = cell, let value = Int64(text) else { return window.includesNulls }
        return value >= window.lowerBound
    }

    private func value(_ row: [String: String?], _ field: Field) throws -> ColumnValue {
        guard let text = row[field.name] ?? nil else { return .null }
        if field.type == .string { return .string(text) }
        guard let number = Int64(text) else {
            throw SourceError(
                .unrepresentableValue,
                table: query.table,
                column: field.name,
                message: "a cell is no whole number"
            )
        }
        return field.type == .timestamp ? .timestamp(number) : .integer(number)
    }
}

/// Splits a file into rows of cells, holding one block of the file and one row.
final class CSVReader {
    private let file: FileHandle
    private var block: ArraySlice<UInt8> = []

    init(file: FileHandle) {
        self.file = file
    }

    /// The next row, or nil at the end; a cell without text is nil, one with quotes is text.
    func nextRow() throws -> [String?]? {
        var cells: [String?] = []
        var cell: [UInt8] = []
        var (isText, isQuoted, isDoubled) = (false, false, false)
        while let byte = try nextByte() {
            let isQuote = byte == UInt8(ascii: "\"")
            if isQuote {
                if isDoubled { cell.append(byte) }  // the second of two inside quotes
                isQuoted.toggle()
                isText = true
            } else if isQuoted || (byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\n")) {
                cell.append(byte)
            } else {
                cells.append(cell.isEmpty && !isText ? nil : String(decoding: cell, as: UTF8.self))
                if byte == UInt8(ascii: "\n") { return cells }
                (cell, isText) = ([], false)
            }
            isDoubled = isQuote && !isQuoted
        }
        guard cells.isEmpty, cell.isEmpty, !isText else {
            throw SourceError(
                .interrupted,
                isTransient: true,
                message: "the file ends inside a line; read it again"
            )
        }
        return nil
    }

    private func nextByte() throws -> UInt8? {
        if block.isEmpty { block = [UInt8](try file.read(upToCount: 65_536) ?? Data())[...] }
        return block.popFirst()
    }
}
