import ColumnBatches

/// Decides by a page how a column is laid out.
struct EncodingChoice {
    let leaf: WriterLeaf
    let options: ParquetWriterOptions
    let compression: ParquetCompression

    /// A dictionary of so few values, each of which comes often, needs no comparison.
    private static let smallDictionary = 256

    /// The encoding of a column that begins with a page, whose positions in the dictionary are in the workspace.
    ///
    /// - Parameters:
    ///   - values: The page's values.
    ///   - dictionary: The dictionary of just these values.
    ///   - half: How many values it had after the first half of them.
    ///   - expected: What served in other files, which spares the trials; nil where that is not known.
    ///   - workspace: The positions, and room to try encodings.
    /// - Returns: The encoding.
    /// - Throws: `ParquetError` when a codec fails.
    func choose(
        _ values: PresentValues,
        _ dictionary: ChunkDictionary,
        half: Int,
        expected: Encoding? = nil,
        _ workspace: EncodingWorkspace
    ) throws(ParquetError) -> Encoding {
        let count = values.count
        let distinct = dictionary.count
        if distinct * 2 > count { return try withoutDictionary(expected, values, workspace) }
        if distinct <= Self.smallDictionary && distinct * 16 <= count { return .dictionary }
        // How the dictionary grows until the row group ends, if it goes on as from the first half of the page to the second.
        let growth = logarithm2(Double(distinct) / Double(max(half, 1)))
        let rows = Double(max(options.rowGroupRows, count))
        let grown = Double(dictionary.byteCount) * power(rows / Double(count), growth)
        if grown > Double(options.dictionaryByteLimit) {
            return try withoutDictionary(expected, values, workspace)
        }
        if let expected { return expected }
        workspace.trial.clear()
        workspace.trial.append(hybrid: workspace.indices[...], width: Self.width(distinct))
        let indices = try size(of: workspace.trial, workspace)
        let best = try fallback(values, workspace)
        return Double(indices) + grown * Double(count) / rows <= Double(best.size)
            ? .dictionary : best.encoding
    }

    private func withoutDictionary(
        _ expected: Encoding?,
        _ values: PresentValues,
        _ workspace: EncodingWorkspace
    ) throws(ParquetError) -> Encoding {
        if let expected, expected != .dictionary { return expected }
        return try fallback(values, workspace).encoding
    }

    /// Whether the column may be laid out so because others are.
    func mayFollow(_ encoding: Encoding) -> Bool {
        switch encoding {
        case .plain: true
        case .dictionary: leaf.layout.physical != .boolean
        case .deltaBinaryPacked:
            !options.maximumCompatibility && leaf.type != .uint64
                && ParquetEncoding.deltaBinaryPacked.fits(leaf.layout.physical)
        case .deltaLengthByteArray, .deltaByteArray:
            !options.maximumCompatibility && leaf.layout.physical == .byteArray
        default: false
        }
    }

    /// Whether pages of an encoding are worth compressing when one of `size` bytes becomes `compressed`.
    ///
    /// A twentieth must be saved, and a quarter of floats, whose bytes take a codec two to four times as long as others.
    func pays(_ compressed: Int, of size: Int, _ encoding: Encoding) -> Bool {
        let isFloat = leaf.layout.physical == .float || leaf.layout.physical == .double
        return isFloat && encoding == .plain
            ? compressed * 4 <= size * 3
            : compressed * 20 <= size * 19
    }

    /// The best encoding without a dictionary, and the bytes that it needs for a page.
    func fallback(
        _ values: PresentValues,
        _ workspace: EncodingWorkspace
    ) throws(ParquetError) -> (encoding: Encoding, size: Int) {
        let candidates = candidates(values)
        guard let first = candidates.first else { return (.plain, values.plainSize) }
        let usual = (encoding: first.encoding, size: try size(first.encoding, values, workspace))
        var best = usual
        for candidate in candidates.dropFirst() {
            let size = try size(candidate.encoding, values, workspace)
            if size * 100 <= usual.size * candidate.percent && size < best.size {
                best = (candidate.encoding, size)
            }
        }
        // Differences that save nothing are not worth taking.
        if best.encoding == .deltaBinaryPacked && best.size >= values.plainSize {
            return (.plain, values.plainSize)
        }
        return best
    }

    /// The bits of a position among some values.
    static func width(_ count: Int) -> Int {
        count <= 1 ? 1 : Int.bitWidth - (count - 1).leadingZeroBitCount
    }

    /// What is tried: the first is taken unless others need at most so many of its hundredths, then the least of those.
    ///
    /// The measured figures behind the order are in `Documentation/Parquet-tuning.md`.
    private func candidates(_ values: PresentValues) -> [(encoding: Encoding, percent: Int)] {
        if options.maximumCompatibility { return [(.plain, 100)] }
        // Without a codec the streams are as large as PLAIN; below lists and structures a reader in use fails on them.
        let maySplit = compression != .uncompressed && leaf.isFlat
        switch values {
        case .boolean, .dictionary: return [(.plain, 100)]
        case .float, .double:
            guard maySplit && options.splitNumbers != .none else { return [(.plain, 100)] }
            return [(.plain, 100), (.byteStreamSplit, 90)]
        // Spark reads neither differences nor streams of unsigned numbers.
        case .int64 where leaf.type == .uint64: return [(.plain, 100)]
        case .int32, .int64:
            let isCompressed = compression != .uncompressed
            let trials: [(Encoding, Int)] = [(.deltaBinaryPacked, 100), (.plain, isCompressed ? 90 : 100)]
            guard maySplit && options.splitNumbers == .all else { return trials }
            return trials + [(.byteStreamSplit, 90)]
        // Several readers know the streams of numbers only, not those of decimals of many digits.
        case .int128: return [(.plain, 100)]
        case .texts(let offsets, let bytes):
            let trials: [(Encoding, Int)] =
                values.isOfOneLength ? [(.deltaLengthByteArray, 100), (.plain, 95)] : [(.plain, 100)]
            let shared = SharedPrefixes.lengths(offsets, bytes).reduce(0) { $0 + Int($1) }
            guard shared * 8 > values.plainSize else { return trials }
            return trials + [(.deltaByteArray, 97)]
        }
    }

    private func size(
        _ encoding: Encoding,
        _ values: PresentValues,
        _ workspace: EncodingWorkspace
    ) throws(ParquetError) -> Int {
        workspace.trial.clear()
        workspace.trial.append(values, encoding, leaf.layout)
        return try size(of: workspace.trial, workspace)
    }

    private func size(of page: PageBuffer, _ workspace: EncodingWorkspace) throws(ParquetError) -> Int {
        guard compression != .uncompressed else { return page.count }
        return min(page.count, try workspace.compressor.compress(page, compression).count)
    }

    /// Near enough for a guess, without a mathematics library: exact at powers of two, straight between them.
    private func logarithm2(_ value: Double) -> Double {
        guard value > 1 else { return 0 }
        return Double(value.exponent) + value.significand - 1
    }

    private func power(_ base: Double, _ exponent: Double) -> Double {
        let logarithm = logarithm2(base) * exponent
        let whole = logarithm.rounded(.down)
        return Double(sign: .plus, exponent: Int(whole), significand: 1 + (logarithm - whole))
    }
}
