import ColumnBatches

@testable import ParquetFiles

/// Reads a file of any bytes: its footer, then its pages in several ways, then its indexes.
///
/// What is thrown must be a `ParquetError`; a trap, a hang or too much memory is what the fuzzer reports.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzParquet(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    readFile(bytes)
    if size > 8 && bytes.suffix(4) != Array("PAR1".utf8) {
        // Most changes to a file's length lose its end: the first bytes say how long the footer is to be.
        readFile(bytes + [bytes[0], bytes[1] & 0x0F, 0, 0] + Array("PAR1".utf8))
    }
    readParts(bytes)
    return 0
}

private func readFile(_ bytes: [UInt8]) {
    guard var reader = try? ParquetReader(blocking: MemoryParquetSource(bytes)) else { return }
    do throws(ParquetError) {
        try drain(reader.blockingBatches(batchRows: 512))
    } catch {}
    do throws(ParquetError) {
        reader.options.windowBytes = 24
        reader.options.keepsDictionaries = true
        try drain(reader.blockingBatches(rows: [1..<3, 9..<20], batchRows: 7))
    } catch {}
    for (number, group) in reader.footer.file.rowGroups.enumerated() {
        for (chunk, leaf) in zip(group.chunks, reader.footer.tree.leaves) {
            guard let locations = part(chunk.offsetIndex, of: bytes) else { continue }
            let bounds = part(chunk.columnIndex, of: bytes)
            _ = try? reader.footer.pages(of: leaf, rowGroup: number, locations: locations, bounds: bounds)
        }
    }
}

private func part(_ range: FileRange?, of bytes: [UInt8]) -> [UInt8]? {
    guard let range, (0..<bytes.count).contains(range.offset), (1...bytes.count).contains(range.length),
        range.length <= bytes.count - range.offset
    else { return nil }
    return Array(bytes[range.offset..<(range.offset + range.length)])
}

private func drain(_ all: BlockingParquetBatches) throws(ParquetError) {
    var batches = all
    var rows = 0
    while rows < 8192, let batch = try batches.next() {
        rows += batch.rowCount
        guard let last = batch.rowCount > 0 ? batch.row(batch.rowCount - 1) : nil else { continue }
        precondition(last.count == batch.columns.count)
    }
}

/// The parts that a fuzzer hardly reaches through a whole file: each is given the bytes as they are.
private func readParts(_ bytes: [UInt8]) {
    _ = try? FileMetadata(bytes)
    _ = try? PageLocation.list(bytes)
    _ = try? ColumnIndex(bytes)
    _ = try? BloomFilterHeader(bytes)
    guard bytes.count > 4 else { return }
    let types: [PhysicalType] = [
        .boolean, .int32, .int64, .int96, .float, .double, .byteArray, .fixedLengthByteArray,
    ]
    var element = SchemaElement()
    element.type = types[Int(bytes[0]) % types.count]
    element.typeLength = 1 + Int(bytes[1] % 40)
    if bytes[1] & 0x80 != 0 { (element.converted, element.precision) = (.decimal, 1 + Int(bytes[1] % 38)) }
    var root = SchemaElement()
    root.childCount = 1
    guard let leaf = try? SchemaTree([root, element]).leaves[0],
        let encoding = Encoding(rawValue: Int(bytes[2] % 10))
    else { return }
    do throws(ParquetError) {
        var decoder = try ValueDecoder(leaf, encoding, of: bytes, from: 4, to: bytes.count)
        var values = ValueArrays()
        var indices = DictionaryIndices()
        for count in [1, Int(bytes[3]), 7, 1000] {
            if decoder.isDictionary {
                try decoder.readIndices(count, of: bytes, to: &indices)
            } else {
                try decoder.read(count, of: bytes, to: &values, limit: 1 << 20)
            }
        }
        var converted = ValueArrays()
        try leaf.conversion.append(values, of: leaf, to: &converted)
    } catch {}
}
