import ColumnBatches
import SourceConnectors

/// Queries that find the rows of some keys, and perhaps others.
enum KeyQueries {
    /// As many keys as a statement takes with ease.
    private static var keysAtOnce: Int { 500 }

    /// Makes the queries.
    ///
    /// - Parameters:
    ///   - values: The keys.
    ///   - keys: The columns of the key in the source.
    ///   - masks: The masks that the source's rows get.
    ///   - query: What is read of the rows.
    /// - Returns: The queries; nil where the source cannot compare with such keys.
    static func of(
        _ values: [[ColumnValue]],
        keys: [String],
        masks: RowMasks?,
        from query: ReadQuery
    ) -> [ReadQuery]? {
        let bound = values.compactMap { $0.compactMap(\.bindable) }.filter { $0.count == keys.count }
        guard keys.allSatisfy({ masks?.mask($0) == nil }), bound.count == values.count else { return nil }
        if keys.count == 1 {
            return stride(from: 0, to: bound.count, by: Self.keysAtOnce).map { start in
                var part = query
                let slice = bound[start..<min(start + Self.keysAtOnce, bound.count)]
                part.filters.append(RowFilter(keys[0], .oneOf, slice.map { $0[0] }))
                return part
            }
        }
        return bound.map { key in
            var one = query
            one.filters += zip(keys, key).map { RowFilter($0, .equal, [$1]) }
            return one
        }
    }
}

extension ColumnValue {
    /// The value as one that every source can compare with; nil where there is none.
    fileprivate var bindable: ColumnValue? {
        switch self {
        case .integer, .string: self
        // What has no sign is a decimal in the lake.
        case .decimal(let unscaled, scale: 0): Int64(exactly: unscaled).map { .integer($0) }
        default: nil
        }
    }
}
