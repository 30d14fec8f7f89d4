import ColumnBatches

/// The values of a page that are not missing.
enum PresentValues {
    case boolean([Bool])
    case int32(ArraySlice<Int32>)
    case int64(ArraySlice<Int64>)
    case int128(ArraySlice<Int128>)
    case float(ArraySlice<Float>)
    case double(ArraySlice<Double>)
    /// Offsets into the bytes, one more than there are values.
    case texts(ArraySlice<Int32>, [UInt8])

    /// The present values of some rows of a column.
    init(_ column: Column, rows: Range<Int>) {
        func present<Value>(_ values: [Value]) -> ArraySlice<Value> {
            guard let validity = column.validity else { return values[rows] }
            var kept: [Value] = []
            kept.reserveCapacity(rows.count)
            for row in rows where validity[row] { kept.append(values[row]) }
            return kept[...]
        }
        switch column.decoded.storage {
        case .boolean(let bits): self = .boolean(rows.lazy.filter { !column.isNull($0) }.map { bits[$0] })
        case .int32(let values): self = .int32(present(values))
        case .int64(let values): self = .int64(present(values))
        case .int128(let values): self = .int128(present(values))
        case .float(let values): self = .float(present(values))
        case .double(let values): self = .double(present(values))
        case .bytes(let values):
            guard let validity = column.validity else {
                self = .texts(values.offsets[rows.lowerBound...rows.upperBound], values.bytes)
                return
            }
            // A missing text has no bytes: leaving out its offset leaves the others where they are.
            var offsets: [Int32] = [values.offsets[rows.lowerBound]]
            offsets.reserveCapacity(rows.count + 1)
            for row in rows where validity[row] { offsets.append(values.offsets[row + 1]) }
            self = .texts(offsets[...], values.bytes)
        case .dictionary, .list, .structure, .map: preconditionFailure("a \(column.type) is not one value")
        }
    }

    var count: Int {
        switch self {
        case .boolean(let values): values.count
        case .int32(let values): values.count
        case .int64(let values): values.count
        case .int128(let values): values.count
        case .float(let values): values.count
        case .double(let values): values.count
        case .texts(let offsets, _): offsets.count - 1
        }
    }

    /// The bytes that the values take in PLAIN.
    var plainSize: Int {
        switch self {
        case .boolean(let values): (values.count + 7) / 8
        case .int32(let values): values.count * 4
        case .int64(let values): values.count * 8
        case .int128(let values): values.count * 16
        case .float(let values): values.count * 4
        case .double(let values): values.count * 8
        case .texts(let offsets, _): Int((offsets.last ?? 0) - (offsets.first ?? 0)) + 4 * (offsets.count - 1)
        }
    }

    /// Whether the values are texts of one length.
    var isOfOneLength: Bool {
        guard case .texts(let offsets, _) = self, offsets.count > 1 else { return false }
        let start = offsets.startIndex
        let length = offsets[start + 1] - offsets[start]
        for index in start..<(offsets.endIndex - 1) where offsets[index + 1] - offsets[index] != length {
            return false
        }
        return true
    }
}
