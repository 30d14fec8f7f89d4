public import ColumnBatches

/// Compares rows of a source with rows of the lake and says of each difference what kind it is.
///
///     var finder = DifferenceFinder(rules: rules)
///     for try await batch in sourceRows { finder.addSource(batch) }
///     for try await batch in lakeRows { finder.addLake(batch) }
///     let differences = finder.differences()
///
/// All batches have the same columns. The rows stay in memory until the finder goes; give it the rows of buckets that
/// differ, not whole tables.
public struct DifferenceFinder: Sendable {
    /// What identifies rows, and what tells kinds of differences apart.
    public struct Rules: Sendable, Hashable {
        /// The columns that identify a row.
        public var keys: [String]
        /// The column that carries the time of the last change, or nil.
        public var cursor: String?
        /// Rows of the source at or past it are still to come; in the cursor's scale, nil without cursor or mark.
        public var mark: Int64?
        /// Columns that a foreign key changes by itself.
        public var cascadeColumns: Set<String> = []

        /// Makes rules.
        public init(keys: [String], cursor: String? = nil, mark: Int64? = nil) {
            self.keys = keys
            self.cursor = cursor
            self.mark = mark
        }
    }

    /// Where a row is.
    struct Location: Sendable {
        var batch: Int
        var row: Int
    }

    /// The rows of one side by their keys.
    struct Side: Sendable {
        var batches: [ColumnBatch] = []
        var keys = RowKeyTable()
        var locations: [Location] = []
        private var words: [UInt64] = []

        /// Takes rows; of several with one key the one that changed last stays.
        mutating func add(_ batch: ColumnBatch, keys names: [String], changedAt cursor: String?) {
            let encoder = RowKeyEncoder(batch.selecting(names).columns)
            batches.append(batch)
            for row in 0..<batch.rowCount where encoder.encode(row: row, into: &words) == nil {
                let location = Location(batch: batches.count - 1, row: row)
                let (number, isNew) = keys.insert(words)
                if isNew {
                    locations.append(location)
                } else if isLater(location, than: locations[number], cursor) {
                    locations[number] = location
                }
            }
        }

        private func isLater(_ new: Location, than old: Location, _ cursor: String?) -> Bool {
            guard let cursor, let mine = batches[new.batch].column(cursor),
                let theirs = batches[old.batch].column(cursor),
                case .int64(let times) = mine.storage, case .int64(let others) = theirs.storage
            else { return true }
            if mine.isNull(new.row) { return theirs.isNull(old.row) }
            return theirs.isNull(old.row) || times[new.row] >= others[old.row]
        }
    }

    private let rules: Rules
    private var source = Side()
    private var lake = Side()
    private let digester = RowDigester()

    /// Makes a finder that has seen no rows.
    public init(rules: Rules) {
        self.rules = rules
    }

    /// Takes rows of the source.
    public mutating func addSource(_ batch: ColumnBatch) {
        source.add(batch, keys: rules.keys, changedAt: rules.cursor)
    }

    /// Takes rows of the lake.
    public mutating func addLake(_ batch: ColumnBatch) {
        lake.add(batch, keys: rules.keys, changedAt: rules.cursor)
    }

    /// The differences: those of the source's rows first, then the rows that only the lake has.
    public func differences() -> [RowDifference] {
        var found: [RowDifference] = []
        var missing: [(digest: RowDigest, position: Int)] = []
        for (number, location) in source.locations.enumerated() {
            let row = source.batches[location.batch]
            guard let other = lake.keys.find(source.keys.key(number)) else {
                let kind: DifferenceKind = isPending(row, location.row) ? .pending : .missing
                missing.append((rest(row, location.row), found.count))
                found.append(RowDifference(kind, key: key(row, location.row)))
                continue
            }
            let theirs = lake.locations[other]
            if let difference = compare(location, lake.batches[theirs.batch], theirs.row) {
                found.append(difference)
            }
        }
        let byRest = Dictionary(
            missing.map { ($0.digest, $0.position) },
            uniquingKeysWith: { first, _ in first }
        )
        for (number, location) in lake.locations.enumerated()
        where source.keys.find(lake.keys.key(number)) == nil {
            let row = lake.batches[location.batch]
            if let position = byRest[rest(row, location.row)], found[position].formerKey == nil {
                found[position].kind = .keyChanged
                found[position].formerKey = key(row, location.row)
            } else {
                found.append(RowDifference(.gone, key: key(row, location.row)))
            }
        }
        return found
    }

    /// The source's rows whose difference is of some kinds, one batch for each that was added.
    public func sourceRows(of kinds: Set<DifferenceKind>, in differences: [RowDifference]) -> [ColumnBatch] {
        let wanted = Set(differences.lazy.filter { kinds.contains($0.kind) }.map(\.key))
        return source.batches.indices.compactMap { index in
            let batch = source.batches[index]
            let rows = source.locations.lazy.filter { $0.batch == index }.map(\.row).filter {
                wanted.contains(key(batch, $0))
            }
            return rows.isEmpty ? nil : batch.rows(rows.sorted())
        }
    }

    private func compare(_ location: Location, _ lake: ColumnBatch, _ lakeRow: Int) -> RowDifference? {
        let row = source.batches[location.batch]
        var columns: [String] = []
        for (index, field) in row.schema.fields.enumerated()
        where !row.columns[index].isSame(location.row, as: lake.columns[index], lakeRow) {
            columns.append(field.name)
        }
        guard !columns.isEmpty else { return nil }
        let kind = kind(row, location.row, lake, lakeRow, columns)
        return RowDifference(kind, key: key(row, location.row), columns: columns)
    }

    private func kind(
        _ row: ColumnBatch,
        _ index: Int,
        _ lake: ColumnBatch,
        _ lakeIndex: Int,
        _ columns: [String]
    ) -> DifferenceKind {
        if isPending(row, index) { return .pending }
        if let mine = time(row, index), let theirs = time(lake, lakeIndex), mine != theirs {
            return mine > theirs ? .stale : .backdated
        }
        return !columns.isEmpty && columns.allSatisfy(rules.cascadeColumns.contains) ? .cascade : .changed
    }

    /// A row without time is part of every window.
    private func isPending(_ row: ColumnBatch, _ index: Int) -> Bool {
        guard rules.cursor != nil, let mark = rules.mark else { return false }
        return time(row, index).map { $0 >= mark } ?? true
    }

    private func time(_ row: ColumnBatch, _ index: Int) -> Int64? {
        guard let cursor = rules.cursor, let column = row.column(cursor), !column.isNull(index) else {
            return nil
        }
        return switch column.storage {
        case .int64(let values): values[index]
        case .int32(let values): Int64(values[index])
        case .int128(let values): Int64(clamping: values[index])
        default: nil
        }
    }

    private func key(_ row: ColumnBatch, _ index: Int) -> [ColumnValue] {
        rules.keys.map { row.column($0)?[index] ?? .null }
    }

    /// What is left of a row without its key; a row that only changed its key keeps it.
    private func rest(_ row: ColumnBatch, _ index: Int) -> RowDigest {
        let columns = zip(row.schema.fields, row.columns).filter { !rules.keys.contains($0.0.name) }.map(\.1)
        return digester.digest(columns, row: index)
    }
}
