import ColumnBatches
import SourceConnectors
import SyncLedgers

/// The masks of one task, by the columns' names in its source.
struct RowMasks: Sendable {
    private var kinds: [String: ColumnMask] = [:]
    private let task: TaskIdentity
    private let lakeKey: MaskingKey?
    private let clientKey: MaskingKey?

    /// The masks of a template; nil where it has none.
    ///
    /// - Throws: `SyncError` when a mask needs a key and there is none.
    init?(_ template: TableTemplate, of task: TaskIdentity, key: MaskingKey?) throws(SyncError) {
        guard !template.mask.isEmpty else { return nil }
        self.task = task
        lakeKey = key?.derived("lake")
        clientKey = key?.derived("client\u{1F}\(task.region)\u{1F}\(task.client)")
        for (lake, mask) in template.mask {
            let mapped = template.columnMap.first { $0.key.lowercased() == lake.lowercased() }?.value
            kinds[(mapped ?? lake).lowercased()] = mask
            guard mask == .drop || key != nil else {
                throw SyncError(
                    .missingSecret,
                    step: "configuration",
                    task: task,
                    path: "maskKey",
                    message:
                        "the column \"\(lake)\" is masked, and this program has no key for it; set the pipeline's "
                        + "\"maskingKey\", and build with the trait Masking"
                )
            }
        }
    }

    /// The mask of a source column, or nil.
    func mask(_ column: String) -> ColumnMask? { kinds[column.lowercased()] }

    private func key(of column: String) -> MaskingKey? {
        switch mask(column) {
        case .hmac: lakeKey
        case .hmacPerClient: clientKey
        case .drop, nil: nil
        }
    }

    /// A mask and its key in words that tell neither key nor values: other words are another definition.
    func text(of column: String) -> String? {
        guard let mask = mask(column) else { return nil }
        return "masked by \(mask.rawValue) "
            + (key(of: column)?.masked(Array("tributary".utf8)).prefix(8) ?? "")
    }

    /// A table as its masked rows have it.
    ///
    /// - Throws: `SyncError` when a mask would take away what identifies rows.
    func applied(to table: TableDescription) throws(SyncError) -> TableDescription {
        var masked = table
        for column in table.primaryKey where mask(column) == .drop {
            throw SyncError(
                .invalidConfiguration,
                task: task,
                message:
                    "the column \"\(column)\" is part of the key and cannot be dropped; mask it by \"hmac\""
            )
        }
        masked.columns.removeAll { mask($0.name) == .drop }
        for index in masked.columns.indices where mask(masked.columns[index].name) != nil {
            guard let type = masked.columns[index].type else { continue }
            switch type {
            case .list, .structure, .map:
                masked.columns[index].type = nil
                masked.columns[index].refusal = "a nested column has no hash; drop it, or leave it out"
            default: masked.columns[index].type = .string
            }
        }
        masked.uniqueKeys.removeAll { $0.columns.contains { mask($0) == .drop } }
        masked.cursorCandidates.removeAll { mask($0.column) != nil }
        return masked
    }

    /// A column of the source with its mask on.
    func masked(_ column: Column, named name: String) -> Column {
        guard let key = key(of: name) else {
            return .nulls(.string, count: column.count)  // a column that does not come has no values either
        }
        var builder = ColumnBuilder(.string)
        var text = RowText()
        for row in 0..<column.count {
            if column.isNull(row) {
                builder.appendNulls(1)
            } else {
                text.set([column], row: row)
                builder.append(.string(key.masked(text.bytes)))
            }
        }
        return builder.finish()
    }
}
