import ColumnBatches
import Foundation
import ObjectStores

@testable import DeltaLog
@testable import DeltaTables

/// Reads foreign bytes of every sort that a table has, for the fuzzer and for the tests that read its seeds.
///
/// The first byte says what the others are. What they hold may be anything: it ends as a value or as a typed error.
enum DeltaInputs {
    /// Reads bytes as what their first one says.
    static func read(_ input: [UInt8]) async {
        guard let kind = input.first else { return }
        let bytes = Array(input.dropFirst())
        switch kind {
        case UInt8(ascii: "c"): await commit(bytes)
        case UInt8(ascii: "k"): await checkpoint(bytes, isJSON: false)
        case UInt8(ascii: "j"): await checkpoint(bytes, isJSON: true)
        case UInt8(ascii: "l"): await hints(bytes)
        case UInt8(ascii: "v"): await deletionVector(bytes)
        case UInt8(ascii: "p"): paths(bytes)
        case UInt8(ascii: "s"): schema(String(decoding: bytes, as: UTF8.self))
        case UInt8(ascii: "e"): expression(String(decoding: bytes, as: UTF8.self))
        default: break
        }
    }

    private static let head =
        #"{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}"# + "\n"
        + #"{"metaData":{"id":"i","schemaString":"{\"type\":\"struct\",\"fields\":[]}"}}"# + "\n"

    private static func commit(_ bytes: [UInt8]) async {
        let store = MemoryObjectStore()
        let table = DeltaTable(store: store, path: "t")
        try? await store.putIfAbsent("t/" + name(0) + ".json", Array(head.utf8))
        try? await store.putIfAbsent("t/" + name(1) + ".json", bytes)
        if let snapshot = try? await table.snapshot() { await look(snapshot, table) }
        if let old = try? await table.snapshot(at: 0), let new = try? await table.log.update(old) {
            await look(new, table)
        }
        _ = try? await table.log.tombstones(of: 1, after: 0)
    }

    private static func checkpoint(_ bytes: [UInt8], isJSON: Bool) async {
        let store = MemoryObjectStore()
        let table = DeltaTable(store: store, path: "t")
        let suffix = isJSON ? ".checkpoint.0.json" : ".checkpoint.parquet"
        try? await store.putIfAbsent("t/" + name(3) + suffix, bytes)
        try? await store.putIfAbsent("t/" + name(4) + ".json", Array("{}\n".utf8))
        if let snapshot = try? await table.snapshot() { await look(snapshot, table) }
        _ = try? await table.log.tombstones(of: 4, after: 0)
    }

    /// Looks at all of a snapshot, and goes on from it.
    private static func look(_ snapshot: Snapshot, _ table: DeltaTable) async {
        let predicate = Predicate.and([.greater("id", .integer(3)), .not(.isNull("part"))])
        if let schema = try? TableSchema(snapshot, table: "t") {
            let pruning = FilePruning(predicate: predicate, schema: schema)
            for file in snapshot.files { _ = (pruning.mayMatch(file), file.decodedPath) }
            _ = schema.minimumProtocol
        }
        _ = (snapshot.partitions, try? snapshot.checkWritable(), VersionChecksum(snapshot))
        _ = try? TableAlteration(
            [.set("delta.columnMapping.mode", "name"), .dropColumn(["id"])],
            to: snapshot
        )
        try? await table.log.writeCheckpoint(snapshot)
    }

    private static func hints(_ bytes: [UInt8]) async {
        _ = VersionChecksum(bytes)
        let store = MemoryObjectStore()
        try? await store.putIfAbsent("t/" + name(0) + ".json", Array(head.utf8))
        try? await store.putIfAbsent("t/_delta_log/_last_checkpoint", bytes)
        let snapshot = try? await DeltaTable(store: store, path: "t").snapshot()
        precondition(snapshot?.version == 0, "a hint kept a table from being opened")
        if let hint = LastCheckpoint(bytes) { precondition(LastCheckpoint(hint.bytes) == hint) }
    }

    private static func deletionVector(_ bytes: [UInt8]) async {
        if let vector = try? DeletionVector(serialized: bytes, limit: 1 << 20) {
            let again = try? DeletionVector(serialized: vector.serialized, limit: 1 << 20)
            precondition(again == vector, "a vector changes when it is written")
        }
        let store = MemoryObjectStore()
        try? await store.putIfAbsent("t/deletion_vector_00000000-0000-0000-0000-000000000000.bin", bytes)
        let size = Int32(clamping: max(0, bytes.count - 9))
        for kind in ["u", "i", "p"] {
            let text = kind == "u" ? "00000000000000000000" : String(decoding: bytes, as: UTF8.self)
            let descriptor = DeletionVectorDescriptor(
                storageType: kind,
                pathOrInlineDV: text,
                offset: bytes.first.map { Int32($0 & 3) },
                sizeInBytes: size,
                cardinality: Int64(bytes.count)
            )
            _ = (descriptor.logPath, try? await DeletionVector.read(descriptor, table: "t", in: store))
        }
    }

    private static func paths(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        let decoded = PartitionPath.decode(text)
        precondition(PartitionPath.decode(PartitionPath.encode(decoded)) == decoded, "a path changes")
        _ = (FileKey(path: text, deletionVector: nil), LogFileName(text[...]), TablePath.isAbsolute(decoded))
        _ = try? TablePath.locate(text, table: "t", in: MemoryObjectStore())
        _ = PartitionPath.directory([text: decoded], columns: [text, decoded])
        let types: [ColumnType] = [
            .boolean, .int8, .int16, .int32, .int64, .float, .double, .decimal(precision: 38, scale: 18),
            .decimal(precision: 5, scale: 0), .date, .timestamp, .timestampNTZ, .string, .binary,
        ]
        for type in types {
            guard let value = PartitionValueText.value(text, type: type) else { continue }
            _ = PartitionValueText.text(value)
        }
    }

    private static func schema(_ text: String) {
        if let type = try? StructType(json: text) {
            precondition((try? StructType(json: type.json)) == type, "a schema changes when it is written")
            for mapping in [ColumnMapping.none, .name, .id] {
                _ = type.fields.map { TableColumn($0, mapping: mapping) }
            }
            _ = TableMetadata(id: "", schemaString: text).rowRules(type)
        }
        if let statistics = FileStatistics(json: text) {
            precondition(FileStatistics(json: statistics.json) == statistics, "statistics change")
            _ = FileStatistics.loosened(text)
        }
    }

    private static func expression(_ text: String) {
        guard let expression = SQLExpression(text) else { return }
        for value in [
            ColumnValue.null, .integer(7), .string("a_%"), .decimal(-1, scale: 2), .double(.nan), .date(0),
        ] {
            _ = try? expression.evaluate { _ in value }
        }
    }

    private static func name(_ version: Int) -> String {
        "_delta_log/" + TableVersion(Int64(version)).digits
    }
}
