/// What the page indexes tell of a data page.
struct PageEntry: Sendable {
    /// Where the page begins, counted from the beginning of the chunk's data pages.
    var offset = 0
    /// The page's bytes, header included.
    var size = 0
    var firstRow = 0
    var valueCount = 0
    var nullCount = 0
    var bounds = ValueBounds.none
}

/// The column index and the offset index of a chunk, in the bytes of the file.
enum PageIndexWriter {
    /// The offset index; the format's `OffsetIndex`.
    static func offsetIndex(_ pages: [PageEntry], from start: Int) -> [UInt8] {
        offsetIndex(
            pages.map { PageLocation(offset: start + $0.offset, size: $0.size, firstRow: $0.firstRow) }
        )
    }

    /// The same of places in the file.
    static func offsetIndex(_ places: [PageLocation]) -> [UInt8] {
        var writer = ThriftWriter()
        writer.element { index in
            index.list(1, of: .structure, count: places.count) { list in
                for place in places {
                    list.element { entry in
                        entry.int64(1, place.offset)
                        entry.int32(2, place.size)
                        entry.int64(3, place.firstRow)
                    }
                }
            }
        }
        return writer.bytes
    }

    /// The column index; the format's `ColumnIndex`.
    ///
    /// - Returns: Nil when a page has values but no bounds, as a page of NaN has: such an index would mislead.
    static func columnIndex(_ pages: [PageEntry], _ layout: ColumnLayout, isText: Bool) -> [UInt8]? {
        var statistics: [Statistic?] = []
        for page in pages {
            let statistic = Statistic(page.bounds, layout, isText: isText)
            guard statistic != nil || page.nullCount == page.valueCount else { return nil }
            statistics.append(statistic)
        }
        var writer = ThriftWriter()
        writer.element { index in
            index.list(1, of: .boolTrue, count: pages.count) { list in
                for statistic in statistics { list.boolean(statistic == nil) }
            }
            index.list(2, of: .binary, count: pages.count) { list in
                for statistic in statistics { list.binary(statistic?.min ?? []) }
            }
            index.list(3, of: .binary, count: pages.count) { list in
                for statistic in statistics { list.binary(statistic?.max ?? []) }
            }
            index.int32(4, order(pages))
            index.list(5, of: .int64, count: pages.count) { list in
                for page in pages { list.integer(page.nullCount) }
            }
        }
        return writer.bytes
    }

    /// How the bounds follow each other: 0 anyhow, 1 rising, 2 falling.
    private static func order(_ pages: [PageEntry]) -> Int {
        let bounds = pages.map(\.bounds).filter { if case .none = $0 { false } else { true } }
        let pairs = Array(zip(bounds, bounds.dropFirst()))
        if pairs.allSatisfy({ ValueBounds.isOrdered($0, $1) }) { return 1 }
        if pairs.allSatisfy({ ValueBounds.isOrdered($1, $0) }) { return 2 }
        return 0
    }
}
