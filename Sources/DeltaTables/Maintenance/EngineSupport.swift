public import DeltaLog

/// What another engine can do with a table.
public struct EngineSupport: Sendable, Hashable {
    /// The engine and its release.
    public var engine: String
    /// The features of the table for which it does not read the table.
    public var unread: [String]
    /// The features of the table for which it does not write to the table; those that it does not read are among them.
    public var unwritten: [String]

    /// What engines lack, by what became of tables with one feature each.
    private static let lacking: [(engine: String, reading: Set<String>, writing: Set<String>)] = [
        (
            "delta-rs 1.6",
            [
                "catalogManaged", "typeWidening", "typeWidening-preview", "vacuumProtocolCheck",
                "variantShredding",
                "variantShredding-preview",
            ],
            [
                "allowColumnDefaults", "checkpointProtection", "clustering", "domainMetadata",
                "icebergCompatV1",
                "icebergCompatV2", "identityColumns", "inCommitTimestamp", "rowTracking",
            ]
        ),
        (
            "DuckDB 1.5",
            ["catalogManaged"],
            // It does write to tables with column mapping, but files with columns under the wrong names.
            [
                "checkConstraints", "checkpointProtection", "columnMapping", "generatedColumns",
                "icebergCompatV1",
                "icebergCompatV2",
                "identityColumns", "typeWidening", "typeWidening-preview",
            ]
        ),
    ]

    /// What engines can do with tables of a protocol.
    ///
    /// Features that a version of the protocol implies count only where they are named.
    public static func of(_ proto: TableProtocol) -> [EngineSupport] {
        let features = Set((proto.readerFeatures ?? []) + (proto.writerFeatures ?? []))
        return lacking.map { engine, reading, writing in
            EngineSupport(
                engine: engine,
                unread: features.intersection(reading).sorted(),
                unwritten: features.intersection(reading.union(writing)).sorted()
            )
        }
    }
}

extension EngineSupport: CustomStringConvertible {
    /// One line: the engine, what it can do, and what keeps it from more.
    public var description: String {
        if !unread.isEmpty { return "\(engine) does not read the table: \(unread.joined(separator: ", "))" }
        if !unwritten.isEmpty {
            return "\(engine) reads the table and does not write to it: \(unwritten.joined(separator: ", "))"
        }
        return "\(engine) reads the table and writes to it"
    }
}
