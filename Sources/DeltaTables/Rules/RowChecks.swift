import ColumnBatches
import DeltaLog

/// The rules that rows are held against before they are written.
struct RowChecks: Sendable {
    /// Where a column of a rule is found.
    private enum Source {
        /// The same for all rows of a partition.
        case constant(ColumnValue)
        /// A column of the batch, then positions of fields within it.
        case column(Int, [Int])
    }

    private let table: String
    private let columns: [TableColumn]
    private let constants: [String: ColumnValue]
    private let rules: [RowRule]
    private let required: [Int]

    /// The rules of a table for one partition; nil when every row is fine.
    init?(_ schema: TableSchema, _ columns: [TableColumn], partition: [String: String?], table: String) {
        self.table = table
        self.columns = columns
        rules = schema.rules
        required = columns.indices.filter { columns[$0].hasRequiredPart }
        var constants: [String: ColumnValue] = [:]
        var lacksPartition = false
        for name in schema.partitionColumns {
            guard let column = schema.column(name) else { continue }
            let text = partition[column.physicalName] ?? nil
            constants[name.lowercased()] = PartitionValueText.value(text, type: column.type) ?? .null
            if !column.isNullable && constants[name.lowercased()] == .null { lacksPartition = true }
        }
        self.constants = constants
        missingPartition =
            lacksPartition
            ? schema.partitionColumns.first {
                schema.column($0)?.isNullable == false && constants[$0.lowercased()] == .null
            }
            : nil
        if rules.isEmpty && required.isEmpty && missingPartition == nil { return nil }
    }

    private let missingPartition: String?

    /// Holds rows against the rules.
    ///
    /// - Throws: `DeltaTableError` that names the first rule that a row breaks.
    func check(_ batch: ColumnBatch) throws(DeltaTableError) {
        guard batch.rowCount > 0 else { return }
        if let missingPartition { throw missing(missingPartition) }
        for index in required {
            if let path = columns[index].missingPart(of: batch.columns[index]) {
                throw missing(path.joined(separator: "."))
            }
        }
        for rule in rules { try check(rule, batch) }
    }

    private func missing(_ column: String) -> DeltaTableError {
        DeltaTableError(
            .constraintViolated,
            table: table,
            column: column,
            message: "a row has no value in a column that must have one"
        )
    }

    /// Refuses a batch with a row for which a rule is not true; one that is neither true nor false is broken too.
    private func check(_ rule: RowRule, _ batch: ColumnBatch) throws(DeltaTableError) {
        guard let expression = rule.expression else { throw notUnderstood(rule, "it says more than is read") }
        var sources: [[String]: Source] = [:]
        for path in expression.columns {
            guard let source = source(path) else {
                throw notUnderstood(rule, "there is no column \(path.joined(separator: "."))")
            }
            sources[path] = source
        }
        do throws(RuleFailure) {
            for row in 0..<batch.rowCount {
                let value = try expression.evaluate { path in
                    switch sources[path] {
                    case .constant(let value)?: value
                    case .column(let index, let fields)?: Self.field(fields, of: batch.columns[index][row])
                    case nil: .null
                    }
                }
                if value == .boolean(true) { continue }
                throw RuleFailure(reason: nil)
            }
        } catch {
            if let reason = error.reason { throw notUnderstood(rule, reason) }
            throw DeltaTableError(
                .constraintViolated,
                table: table,
                column: nil,
                message: "a row breaks the rule \(rule.name): \(rule.text)"
            )
        }
    }

    private func notUnderstood(_ rule: RowRule, _ reason: String) -> DeltaTableError {
        DeltaTableError(
            .constraintViolated,
            table: table,
            message: "rows cannot be held against the rule \(rule.name) (\(rule.text)): \(reason)"
        )
    }

    private func source(_ path: [String]) -> Source? {
        guard let name = path.first?.lowercased() else { return nil }
        if let constant = constants[name] { return path.count == 1 ? .constant(constant) : nil }
        guard let index = columns.firstIndex(where: { $0.name.lowercased() == name }) else { return nil }
        var fields: [Int] = []
        var column = columns[index]
        for part in path.dropFirst() {
            guard column.kind == .structure,
                let next = column.children.firstIndex(where: { $0.name.lowercased() == part.lowercased() })
            else { return nil }
            fields.append(next)
            column = column.children[next]
        }
        return .column(index, fields)
    }

    private static func field(_ path: [Int], of value: ColumnValue) -> ColumnValue {
        var value = value
        for index in path {
            guard case .structure(let fields) = value, index < fields.count else { return .null }
            value = fields[index]
        }
        return value
    }
}

extension TableColumn {
    /// Whether the column, or a part of it, must have values.
    fileprivate var hasRequiredPart: Bool {
        if !isNullable { return true }
        return switch kind {
        case .structure, .list, .map: children.dropFirst(kind == .map ? 1 : 0).contains { $0.hasRequiredPart }
        default: false
        }
    }

    /// The names down to a part that must have a value and has none in some row; nil when there is none.
    fileprivate func missingPart(of column: Column, where parent: Bitmap? = nil) -> [String]? {
        if !isNullable && column.nullCount > 0 {
            let breaks = parent.map { parent in
                (0..<column.count).contains { column.isNull($0) && parent[$0] }
            }
            if breaks ?? true { return [name] }
        }
        switch column.storage {
        case .structure(let values) where kind == .structure:
            let present = Self.both(parent, column.validity, count: column.count)
            for (child, values) in zip(children, values.fields) where child.hasRequiredPart {
                if let path = child.missingPart(of: values, where: present) { return [name] + path }
            }
        case .list(let values) where children[0].hasRequiredPart:
            if let path = children[0].missingPart(of: values.elements) { return [name] + path }
        case .map(let values) where children[1].hasRequiredPart:
            if let path = children[1].missingPart(of: values.values) { return [name] + path }
        default: break
        }
        return nil
    }

    private static func both(_ one: Bitmap?, _ two: Bitmap?, count: Int) -> Bitmap? {
        guard let one, let two else { return one ?? two }
        var both = Bitmap(repeating: false, count: count)
        for index in 0..<count where one[index] && two[index] { both.set(index, to: true) }
        return both
    }
}
