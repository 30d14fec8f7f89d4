import ColumnBatches
import DeltaLog
import DeltaTables
import Foundation
import ObjectStores

/// The seeds of `Tests/Fuzz/DeltaCorpus`: the logs of tables that this package writes, and texts of all sorts.
enum DeltaSeeds {
    /// The seeds by the names of their files.
    static func all() async throws -> [String: [UInt8]] {
        var seeds: [String: [UInt8]] = [:]
        for (name, text) in texts { seeds[name] = Array(text.utf8) }
        var kinds: Set<Set<String>> = []
        for entry in ForeignTableTests.cases {
            let store = MemoryObjectStore()
            try await entry.build(DeltaTable(store: store, path: ""))
            for object in await store.list("", after: nil) where object.size < 12_000 {
                guard let kind = kind(object.path) else { continue }
                let bytes = try await store.read(object.path)
                if kind == "c" {
                    let marks = marks.filter { String(decoding: bytes, as: UTF8.self).contains($0) }
                    guard bytes.count < 3000, kinds.insert(Set(marks)).inserted else { continue }
                }
                let file = object.path.split(separator: "/").last.map(String.init) ?? ""
                let short = file.hasPrefix("deletion_vector") ? "vector" : String(file.drop { $0 == "0" })
                seeds["\(entry.name)-\(short)"] = Array(kind.utf8) + bytes
                if kind == "v" {
                    seeds["\(entry.name)-bare"] = Array(kind.utf8) + bytes[5..<(bytes.count - 4)]
                }
                if kind == "c" && kinds.count < 4 {
                    let line = #"j{"checkpointMetadata":{"version":3}}"# + "\n"
                    seeds["\(entry.name)-json"] = Array(line.utf8) + bytes
                }
            }
        }
        let settings = [
            "plain": [:], "columns": ["delta.checkpoint.writeStatsAsStruct": "true"],
            "v2": ["delta.checkpointPolicy": "v2"],
        ]
        for (name, settings) in settings {
            let table = try await MaintenanceTests.makeTable(settings, commits: 3)
            _ = try await table.delete(where: .less("id", .integer(12)))
            try await table.log.writeCheckpoint(try await table.snapshot())
            for object in try await table.store.list("t/_delta_log/", after: nil)
            where object.path.hasSuffix(".parquet") {
                let part = object.path.contains("_sidecars") ? "sidecar" : "checkpoint"
                seeds["\(name)-\(part)"] = Array("k".utf8) + (try await table.store.read(object.path))
            }
        }
        return seeds
    }

    private static let marks = [
        "\"add\"", "\"remove\"", "\"cdc\"", "deletionVector", "columnMapping.mode", "readerFeatures",
        "inCommitTimestamp",
        "typeChanges", "constraints", "\"tags\"", "%25",
    ]

    private static func kind(_ path: String) -> String? {
        if path.hasSuffix(".bin") { return "v" }
        guard path.hasPrefix("_delta_log/") else { return nil }
        if path.hasSuffix(".checkpoint.parquet") { return "k" }
        if path.hasSuffix(".crc") || path.hasSuffix("_last_checkpoint") { return "l" }
        return path.hasSuffix(".json") ? "c" : nil
    }

    private static let texts = [
        "path-escapes": "pregion=a%253Ab/part%20-1.parquet", "path-file": "pfile:///x/y%2F..",
        "path-name": "p00000000000000000010.checkpoint.0000000001.0000000003.parquet",
        "path-time": "p2024-05-06T07:08:09.123456Z", "path-number": "p-12345678901234567890.123456789",
        "schema": #"""
        s{"type":"struct","fields":[{"name":"a","type":{"type":"array","elementType":{"type":"struct","fields":
        [{"name":"x","type":"decimal(38,18)","nullable":true,"metadata":{}}]},"containsNull":true},"nullable":true,
        "metadata":{"delta.columnMapping.id":1,"delta.columnMapping.physicalName":"p",
        "delta.invariants":"{\"expression\":{\"expression\":\"a > 3\"}}"}},{"name":"m","type":{"type":"map",
        "keyType":"string","valueType":"timestamp_ntz","valueContainsNull":true},"nullable":false,"metadata":{}}]}
        """#,
        "statistics":
            #"s{"numRecords":3,"minValues":{"a":1.5,"s":"x\u00e9"},"maxValues":{"a":1e300},"nullCount":{"a":0}}"#,
        "rule-one":
            "ea >= 1 AND (b.c <> 'it''s' OR NOT d IN (1, 2.5, NULL)) AND s LIKE '%a_' AND x BETWEEN -1 AND 1e3",
        "rule-two":
            "elength(trim(`q w`)) % 2 = 0 and day > DATE '2020-01-01' or abs(-n) * 3 - 1 <=> null or f is not true",
        "hint": #"l{"version":3,"size":7,"parts":2,"sizeInBytes":900,"numOfAddFiles":3,"checksum":"a"}"#,
    ]
}
