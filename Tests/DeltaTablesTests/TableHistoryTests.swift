import ColumnBatches
import DeltaLog
import DeltaTables
import Foundation
import ObjectStores
import Testing

/// Random work on a table, held against a list of rows after every step.
///
/// TRIBUTARY_TABLE_HISTORIES asks for more histories than the few that always run; a failure names its seed.
@Suite("Random table histories") struct TableHistoryTests {
    static let seeds =
        1...(ProcessInfo.processInfo.environment["TRIBUTARY_TABLE_HISTORIES"].flatMap { Int($0) } ?? 16)

    static let settings: [[String: String]] = [
        ["delta.enableChangeDataFeed": "true"],
        [
            "delta.enableChangeDataFeed": "true", "delta.enableDeletionVectors": "true",
            "delta.columnMapping.mode": "name",
        ],
        ["delta.columnMapping.mode": "name", "delta.enableInCommitTimestamps": "true"],
        [
            "delta.enableDeletionVectors": "true", "delta.enableChangeDataFeed": "true",
            "delta.checkpointInterval": "3",
            "delta.checkpointPolicy": "v2", "delta.constraints.ids": "id >= 0 AND region IS NOT NULL",
        ],
    ]

    @Test("every step leaves the rows that it should, and its changes tell the same", arguments: seeds)
    func history(seed: Int) async throws {
        let settings = Self.settings[seed % Self.settings.count]
        var history = try await TableHistory(seed: UInt64(seed), settings: settings)
        for step in 0..<14 {
            let before = history.state
            let version = try await history.step()
            let rows = try await history.rows()
            #expect(
                rows == history.state.rows,
                "seed \(seed), step \(step), version \(version): \(history.log)"
            )
            if settings["delta.enableChangeDataFeed"] != nil {
                let changed = try await history.changes(since: before)
                #expect(
                    changed == history.state.rows,
                    "changes of seed \(seed), step \(step): \(history.log)"
                )
            }
            if rows != history.state.rows { return }
        }
        for (version, state) in history.states {
            let old = try await history.rows(at: version, state)
            #expect(old == state.rows, "seed \(seed), version \(version): \(history.log)")
        }
        #expect(try await history.table.check(readsRows: true).problems == [])
    }
}

/// A table, and what it should hold.
struct TableHistory {
    struct Row: Hashable {
        var region: String
        var text: String?
    }

    struct State: Equatable {
        var rows: [Int64: Row] = [:]
        var textColumn = "text"
        var version: TableVersion = 0
    }

    private(set) var table: DeltaTable
    private(set) var state = State()
    private(set) var states: [TableVersion: State] = [:]
    private(set) var log: [String] = []
    private var random: SplitMix
    private var nextID: Int64 = 0
    private let isMapped: Bool

    init(seed: UInt64, settings: [String: String]) async throws {
        random = SplitMix(state: seed &* 0x9E37_79B9_7F4A_7C15)
        isMapped = settings["delta.columnMapping.mode"] != nil
        table = DeltaTable(store: MemoryObjectStore(), path: "t")
        _ = try await table.create(schema: DeltaTableTests.schema, configuration: settings)
        try await table.log.writeChecksum(try await table.snapshot())
        states[0] = state
    }

    private mutating func number(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
    private mutating func region() -> String { ["eu", "us", "a/b"][number(3)] }

    /// Does something; returns the version afterwards.
    mutating func step() async throws -> TableVersion {
        if number(4) == 0 { table = DeltaTable(store: table.store, path: "t") }
        let before = state
        switch number(14) {
        case 0...2: try await append()
        case 3...6: try await update()
        case 7, 8: try await delete()
        case 9: try await overwrite()
        case 10: try await arrange()
        case 11: try await restore()
        default: try await alter()
        }
        state.version = try await table.snapshot().version
        if state.version == before.version, state.rows != before.rows { log.append("no version") }
        states[state.version] = state
        return state.version
    }

    private mutating func newRows(_ count: Int, region wanted: String? = nil) -> [Int64: Row] {
        var rows: [Int64: Row] = [:]
        for _ in 0..<count {
            rows[nextID] = Row(region: wanted ?? region(), text: number(5) == 0 ? nil : "t\(number(4))")
            nextID += 1
        }
        return rows
    }

    private func batch(_ rows: [Int64: Row]) async throws -> ColumnBatch {
        let fields = try table.schema(of: try await table.snapshot()).fields
        let values = rows.sorted { $0.key < $1.key }.map { id, row in
            fields.map { field -> ColumnValue in
                switch field.name {
                case "region": .string(row.region)
                case "id": .integer(id)
                case state.textColumn: row.text.map { .string($0) } ?? .null
                default: .null
                }
            }
        }
        return AlterationTests.batch(fields, values)
    }

    /// A predicate, and whether it is true for a row.
    private mutating func predicate() -> (DeltaTables.Predicate, (Int64, Row) -> Bool) {
        let (limit, name, text) = (Int64(number(Int(nextID) + 1)), region(), "t\(number(4))")
        switch number(5) {
        case 0: return (.less("id", .integer(limit)), { id, _ in id < limit })
        case 1: return (.equal("region", .string(name)), { _, row in row.region == name })
        case 2: return (.isNull(state.textColumn), { _, row in row.text == nil })
        case 3:
            return (
                .and([.equal("region", .string(name)), .greaterOrEqual("id", .integer(limit))]),
                { id, row in row.region == name && id >= limit }
            )
        default: return (.equal(state.textColumn, .string(text)), { _, row in row.text == text })
        }
    }

    private mutating func append() async throws {
        let rows = newRows(1 + number(12))
        log.append("append \(rows.count)")
        _ = try await table.append(rows: [try await batch(rows)])
        state.rows.merge(rows) { $1 }
    }

    private mutating func update() async throws {
        let (predicate, isMeant) = predicate()
        let (moves, name, text) = (number(3) == 0, region(), number(4) == 0 ? nil : "u\(number(4))")
        log.append("update \(predicate) moves \(moves)")
        let values: [String: ColumnValue] =
            moves ? ["region": .string(name)] : [state.textColumn: text.map { .string($0) } ?? .null]
        _ = try await table.update(where: predicate, set: values)
        for (id, row) in state.rows where isMeant(id, row) {
            state.rows[id] = moves ? Row(region: name, text: row.text) : Row(region: row.region, text: text)
        }
    }

    private mutating func delete() async throws {
        let (predicate, isMeant) = predicate()
        log.append("delete \(predicate)")
        let count = try await table.delete(where: predicate).rowCount
        let left = state.rows.filter { !isMeant($0.key, $0.value) }
        if count != state.rows.count - left.count { log.append("deleted \(count)") }
        state.rows = left
    }

    private mutating func overwrite() async throws {
        let name = region()
        let rows = newRows(number(4), region: name)
        let isWhole = number(4) == 0
        log.append("overwrite \(isWhole ? "all" : name) with \(rows.count)")
        _ = try await table.overwrite(
            with: rows.isEmpty ? [] : [try await batch(rows)],
            where: isWhole ? nil : .equal("region", .string(name))
        )
        state.rows = state.rows.filter { !isWhole && $0.value.region != name }
        state.rows.merge(rows) { $1 }
    }

    private mutating func arrange() async throws {
        var options = OptimiseOptions()
        options.order = [.kept, .sorted(["id"]), .zOrder([state.textColumn, "id"])][number(3)]
        log.append("arrange \(options.order)")
        _ = try await table.optimise(options)
        if number(2) == 0 { try await table.log.writeCheckpoint(try await table.snapshot()) }
    }

    private mutating func restore() async throws {
        let versions = states.keys.sorted()
        let version = versions[number(versions.count)]
        log.append("restore \(version)")
        _ = try await table.restore(to: version)
        guard let old = states[version] else { return }
        state = old
    }

    private mutating func alter() async throws {
        if isMapped && number(2) == 0 {
            let name = "text\(number(1000))"
            log.append("rename \(state.textColumn) to \(name)")
            if name == state.textColumn { return }
            _ = try await table.alter([.renameColumn([state.textColumn], to: name)])
            state.textColumn = name
        } else {
            let name = "more\(number(1_000_000))"
            log.append("add \(name)")
            let place: TableChange.Place = [.first, .last, .after("id")][number(3)]
            let column = StructField(name: name, type: .integer, isNullable: true)
            _ = try await table.alter([.addColumn(column, place: place)])
        }
    }

    /// The rows of the table now.
    func rows() async throws -> [Int64: Row] { try await rows(at: nil, state) }

    /// The rows of a version; one that is there twice is a row too many.
    func rows(at version: TableVersion?, _ state: State) async throws -> [Int64: Row] {
        let snapshot = try await table.snapshot(at: version)
        var found: [Int64: Row] = [:]
        for try await batch in try table.rows(of: snapshot, columns: ["id", "region", state.textColumn]) {
            for row in 0..<batch.rowCount {
                guard case .integer(let id) = batch.columns[0][row], found[id] == nil else { return [:] }
                found[id] = Self.row(batch, row, state)
            }
        }
        return found
    }

    /// What the rows of an older state become by the changes since; nil when a change does not fit.
    func changes(since old: State) async throws -> [Int64: Row]? {
        guard old.version < state.version else { return old.rows }
        var rows = old.rows
        var gone: [Int64: Row] = [:]
        var come: [Int64: Row] = [:]
        for try await batch in try await table.changes(from: old.version.next, to: state.version) {
            for index in 0..<batch.rowCount {
                guard case .integer(let id)? = batch.column("id")?[index],
                    case .string(let kind)? = batch.column("_change_type")?[index]
                else { return nil }
                let row = Self.row(batch, index, state)
                if kind == "delete" || kind == "update_preimage" {
                    guard gone.updateValue(row, forKey: id) == nil else { return nil }
                } else {
                    guard come.updateValue(row, forKey: id) == nil else { return nil }
                }
            }
        }
        for (id, row) in gone where rows.removeValue(forKey: id) != row { return nil }
        for (id, row) in come where rows.updateValue(row, forKey: id) != nil { return nil }
        return rows
    }

    private static func row(_ batch: ColumnBatch, _ index: Int, _ state: State) -> Row {
        var row = Row(region: "", text: nil)
        if case .string(let region)? = batch.column("region")?[index] { row.region = region }
        if case .string(let text)? = batch.column(state.textColumn)?[index] { row.text = text }
        return row
    }
}

/// Numbers that a seed decides.
struct SplitMix: Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
