import ColumnBatches

/// A row group that is being decoded, batch by batch.
final class OpenRowGroup {
    let plan: RowGroupPlan
    private let footer: ParquetFooter
    private let metadata: RowGroupMetadata
    private let nodes: [SchemaNode]
    private let schema: BatchSchema
    private let options: ParquetReaderOptions
    private let decompressor: PageDecompressor
    /// The readers of the leaves; nil until the offset indexes that are needed are there.
    private var readers: [LeafReader]?
    /// Offset indexes that were asked for, by leaf.
    private var indexes: [Int: [UInt8]] = [:]
    private var position = (range: 0, row: 0)
    /// The rows of the present batch, and for each reader how many steps through them are done.
    private var batch: [Range<Int>] = []
    private var progress: [Int] = []

    init(
        _ plan: RowGroupPlan,
        _ footer: ParquetFooter,
        _ nodes: [SchemaNode],
        _ schema: BatchSchema,
        _ options: ParquetReaderOptions,
        _ decompressor: PageDecompressor
    ) {
        self.plan = plan
        self.footer = footer
        self.nodes = nodes
        self.schema = schema
        self.options = options
        self.decompressor = decompressor
        metadata = footer.file.rowGroups[plan.index]
    }

    /// The next step, or nil when the row group has no more rows.
    func next() throws(ParquetError) -> ParquetDecoder.Step? {
        if readers == nil {
            let missing = offsetIndexes.filter { indexes[$0.leaf] == nil }.map(\.range)
            if !missing.isEmpty { return .needs(missing) }
            readers = try makeReaders()
        }
        guard let readers else { return nil }
        if batch.isEmpty {
            guard position.range < plan.rows.count else { return nil }
            let next = plan.batch(after: position, most: options.batchRows)
            batch = next.rows
            position = next.next
            progress = Array(repeating: 0, count: readers.count)
        }
        var needs: [Range<Int>] = []
        for (index, reader) in readers.enumerated() {
            if let need = try advance(index, reader) { needs.append(need) }
        }
        if !needs.isEmpty { return .needs(needs) }
        defer { batch = [] }
        return .batch(try assemble(readers))
    }

    /// Gives bytes to all who need some of them.
    func supply(_ window: ByteWindow) {
        guard let readers else {
            for (leaf, range) in offsetIndexes
            where range.lowerBound >= window.start && range.upperBound <= window.end {
                indexes[leaf] = Array(window.slice(range))
            }
            return
        }
        for reader in readers {
            let have = reader.window.count(from: reader.position)
            if window.count(from: reader.position) > have { reader.window = window }
        }
    }

    private var leaves: [Int] { nodes.flatMap(\.leaves) }

    /// The offset indexes that help to leave out pages.
    private var offsetIndexes: [(leaf: Int, range: Range<Int>)] {
        guard plan.rows != [0..<metadata.rowCount] else { return [] }
        return leaves.compactMap { leaf in
            guard let index = metadata.chunks[leaf].offsetIndex else { return nil }
            let (end, overflow) = index.offset.addingReportingOverflow(index.length)
            return overflow || end > footer.fileSize ? nil : (leaf, index.offset..<end)
        }
    }

    private func makeReaders() throws(ParquetError) -> [LeafReader] {
        let limits = options.limits.resolved(fileSize: footer.fileSize)
        let settings = LeafSettings(
            fileSize: footer.fileSize,
            rowCount: metadata.rowCount,
            batchRows: min(options.batchRows, metadata.rowCount),
            windowBytes: options.windowBytes,
            pageBytes: limits.pageBytes,
            columnBytes: limits.columnBytes,
            keepsDictionaries: options.keepsDictionaries,
            verifiesChecksums: options.verifiesChecksums,
            decompressor: decompressor
        )
        var readers: [LeafReader] = []
        for index in leaves {
            let chunk = metadata.chunks[index]
            let leaf = footer.tree.leaves[index]
            try named(leaf) { () throws(ParquetError) in
                var selection: PageSelection?
                if let bytes = indexes[index] {
                    selection = PageSelection(
                        try PageLocation.list(bytes),
                        of: chunk,
                        rowCount: metadata.rowCount,
                        rows: plan.rows
                    )
                }
                readers.append(try LeafReader(leaf, chunk, settings, selection))
            }
        }
        return readers
    }

    private func advance(_ index: Int, _ reader: LeafReader) throws(ParquetError) -> Range<Int>? {
        try named(reader.leaf) { () throws(ParquetError) in
            while progress[index] < 2 * batch.count {
                // Each range has two steps: up to it, and through it.
                let rows = batch[progress[index] / 2]
                let keep = progress[index] % 2 == 1
                let target = keep ? rows.upperBound : rows.lowerBound
                if let need = try reader.advance(to: target, keeping: keep) { return need }
                progress[index] += 1
            }
            return nil
        }
    }

    private func assemble(_ readers: [LeafReader]) throws(ParquetError) -> ColumnBatch {
        var parts: [Int: LeafPart] = [:]
        for reader in readers {
            let (column, definitions, repetitions) = reader.finishBatch()
            parts[reader.leaf.index] = LeafPart(
                column: column,
                definitions: definitions,
                repetitions: repetitions
            )
        }
        let assembly = NestedAssembly(parts: parts)
        let count = batch.reduce(0) { $0 + $1.count }
        var columns: [Column] = []
        for node in nodes {
            let column = try assembly.column(node)
            guard column.count == count else {
                throw ParquetError(
                    .damaged,
                    column: node.name,
                    message: "the column has \(column.count) of \(count) rows"
                )
            }
            columns.append(column)
        }
        return ColumnBatch(schema: schema, columns: columns, rowCount: count)
    }

    /// Runs work on a leaf, whose name goes into what it throws.
    private func named<Result>(_ leaf: LeafColumn, _ body: () throws(ParquetError) -> Result)
        throws(ParquetError) -> Result
    {
        do throws(ParquetError) {
            return try body()
        } catch {
            var placed = error
            placed.column = placed.column ?? leaf.name
            throw placed
        }
    }
}
