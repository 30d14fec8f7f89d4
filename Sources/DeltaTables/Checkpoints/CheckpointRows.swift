import ColumnBatches
import DeltaLog
import ParquetFiles

/// Turns the rows of a checkpoint into actions and lists of files.
struct CheckpointRows {
    private let reader: ParquetReader
    private let top: [ParquetField]
    private var part = CheckpointPart()
    private var partitionsBySpelling: [[UInt8]: Int] = [:]
    private var lastSpelling: [UInt8] = []
    private var lastPartition = 0
    private var row = 0

    private static let actions = [
        "protocol", "metaData", "txn", "domainMetadata", "sidecar", "checkpointMetadata",
    ]
    /// The fields of an add that every file has, and those that few have.
    private static let commonFields = ["path", "partitionValues", "size", "modificationTime"]
    private static let rareFields = [
        "deletionVector", "tags", "baseRowId", "defaultRowCommitVersion", "clusteringProvider",
    ]

    init(reader: ParquetReader) {
        self.reader = reader
        top = reader.footer.fields
    }

    /// The columns that are read.
    func columns(for content: CheckpointContent) -> [String] {
        guard content == .state else { return top.contains { $0.name == "remove" } ? ["remove"] : [] }
        let add = top.first { $0.name == "add" }?.children.map(\.name) ?? []
        let fields = (Self.commonFields + Self.rareFields).filter {
            add.contains($0) && !isEmpty("add.\($0)")
        }
        let actions = Self.actions.filter { name in top.contains { $0.name == name } }
        return actions + fields.map { "add.\($0)" }
    }

    /// Whether no row of the file has a value in any leaf below a path, by its statistics.
    private func isEmpty(_ name: String) -> Bool {
        reader.rowGroups.allSatisfy { group in
            group.chunks.allSatisfy { chunk in
                !(chunk.name == name || chunk.name.hasPrefix(name + "."))
                    || chunk.statistics.nullCount == chunk.valueCount
            }
        }
    }

    mutating func append(_ batch: ColumnBatch) throws {
        for (field, column) in zip(batch.schema.fields, batch.columns) where column.nullCount < column.count {
            if field.name == "add" {
                try appendFiles(column)
            } else {
                for position in 0..<column.count where !column.isNull(position) {
                    guard let record = Record(column, position) else { continue }
                    if let action = try Action(field.name, record) { part.actions.append(action) }
                }
            }
        }
        row += batch.rowCount
    }

    private mutating func appendFiles(_ add: Column) throws {
        guard case .structure(let values) = add.storage, case .structure(let fields) = add.type else {
            throw damaged("add is no structure")
        }
        func column(_ name: String) -> Column? {
            fields.firstIndex { $0.name == name }.map { values.fields[$0].decoded }
        }
        guard let paths = column("path"), case .bytes(let texts) = paths.storage,
            let sizes = column("size"), case .int64(let sizeValues) = sizes.storage
        else { throw damaged("add has no path or no size") }
        var times: [Int64]?
        if let column = column("modificationTime"), case .int64(let values) = column.storage {
            times = values
        }
        let partitions = column("partitionValues")
        let rare = fields.indices.filter {
            Self.rareFields.contains(fields[$0].name) && values.fields[$0].nullCount < add.count
        }
        for position in 0..<add.count where !add.isNull(position) && !paths.isNull(position) {
            part.files.pathBytes.append(contentsOf: texts[position])
            part.files.pathEnds.append(part.files.pathBytes.count)
            part.files.sizes.append(sizeValues[position])
            part.files.modificationTimes.append(times?[position] ?? 0)
            part.files.partitionIndices.append(try partition(partitions, position))
            part.files.statisticsRows.append(row + position)
            if rare.contains(where: { !values.fields[$0].isNull(position) }),
                let record = Record(add, position)
            {
                let path = String(decoding: texts[position], as: UTF8.self)
                if let file = try AddFile(record, path: path) {
                    part.files.others[part.files.count - 1] = file
                }
            }
        }
    }

    /// The position of a row's partition, found by the bytes of its keys and values.
    private mutating func partition(_ column: Column?, _ position: Int) throws -> Int {
        var spelling: [UInt8] = []
        guard let column, !column.isNull(position) else { return index(spelling) { [:] } }
        guard case .map(let maps) = column.storage, case .bytes(let keys) = maps.keys.decoded.storage,
            case .bytes(let texts) = maps.values.decoded.storage
        else { throw damaged("add.partitionValues is no map of texts") }
        let entries = maps[position]
        for entry in entries {
            spelling.append(contentsOf: keys[entry])
            spelling.append(0xFF)
            if maps.values.isNull(entry) {
                spelling.append(0xFE)
            } else {
                spelling.append(contentsOf: texts[entry])
            }
            spelling.append(0xFF)
        }
        return index(spelling) {
            var values: [String: String?] = [:]
            for entry in entries {
                let text = String(decoding: texts[entry], as: UTF8.self)
                values.updateValue(
                    maps.values.isNull(entry) ? nil : text,
                    forKey: String(decoding: keys[entry], as: UTF8.self)
                )
            }
            return values
        }
    }

    private mutating func index(_ spelling: [UInt8], _ values: () -> [String: String?]) -> Int {
        if spelling == lastSpelling, !part.files.partitions.isEmpty { return lastPartition }
        lastSpelling = spelling
        if let known = partitionsBySpelling[spelling] {
            lastPartition = known
        } else {
            lastPartition = part.files.partitions.count
            part.files.partitions.append(values())
            partitionsBySpelling[spelling] = lastPartition
        }
        return lastPartition
    }

    consuming func finish() -> CheckpointPart {
        part.files.statistics = LazyStatistics(reader)
        if part.files.statistics == nil { part.files.statisticsRows = [] }
        return part
    }

    private func damaged(_ reason: String) -> ParquetError { ParquetError(.damaged, message: reason) }
}
