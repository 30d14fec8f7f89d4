public import ColumnBatches

/// Decodes a file without reading it: it says which bytes it needs, or hands out the next batch.
///
///     let decoder = try ParquetDecoder(footer, selection: ParquetSelection(columns: ["id"]))
///     while true {
///         switch try decoder.next() {
///         case .needs(let ranges): for range in ranges { decoder.supply(bytes(of: range), at: range.lowerBound) }
///         case .batch(let batch): use(batch)
///         case .end: return
///         }
///     }
///
/// `ParquetReader` drives it over a source; a program with I/O of its own can do the same.
public final class ParquetDecoder {
    /// What comes next.
    public enum Step {
        /// Bytes of these ranges of the file must be supplied before anything else can come.
        case needs([Range<Int>])
        /// The next rows.
        case batch(ColumnBatch)
        /// There are no more rows.
        case end
    }

    /// The columns of the batches.
    public let schema: BatchSchema
    private let footer: ParquetFooter
    private let options: ParquetReaderOptions
    private let nodes: [SchemaNode]
    private var plans: ArraySlice<RowGroupPlan>
    private var group: OpenRowGroup?
    private let decompressor = PageDecompressor()

    /// Begins to decode a part of a file.
    ///
    /// - Throws: `ParquetError` when the file has no column or row group of that name or position.
    public init(
        _ footer: ParquetFooter,
        selection: ParquetSelection = ParquetSelection(),
        options: ParquetReaderOptions = ParquetReaderOptions()
    ) throws(ParquetError) {
        precondition(
            options.batchRows > 0 && options.windowBytes > 0,
            "batches and windows must hold something"
        )
        self.footer = footer
        self.options = options
        nodes = try footer.tree.selecting(selection.columns)
        schema = BatchSchema(nodes.map(\.field))
        plans = try RowGroupPlan.plans(of: footer, selection)[...]
    }

    /// The next step.
    ///
    /// - Throws: `ParquetError` when the file is damaged; the decoder is then at its end.
    public func next() throws(ParquetError) -> Step {
        do throws(ParquetError) {
            while true {
                if let group {
                    if let step = try group.next() { return step }
                    self.group = nil
                }
                guard let plan = plans.popFirst() else { return .end }
                group = OpenRowGroup(plan, footer, nodes, schema, options, decompressor)
            }
        } catch {
            var placed = error
            placed.rowGroup = placed.rowGroup ?? group?.plan.index
            group = nil
            plans = []
            throw placed
        }
    }

    /// Supplies bytes that were asked for, or more around them.
    public func supply(_ bytes: [UInt8], at start: Int) {
        group?.supply(ByteWindow(bytes: bytes, start: start))
    }
}
