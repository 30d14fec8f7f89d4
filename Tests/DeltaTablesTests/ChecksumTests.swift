import ColumnBatches
import DeltaLog
import DeltaTables
import ObjectStores
import Testing

@Suite("Version checksums") struct ChecksumTests {
    @Test("checksums are carried forward by every commit once there is one")
    func carried() async throws {
        let table = try await MaintenanceTests.makeTable(
            ["delta.enableInCommitTimestamps": "true", "delta.enableDeletionVectors": "true"],
            commits: 3
        )
        #expect(try await table.log.checksum(of: 3) == nil)
        try await table.log.writeChecksum(try await table.snapshot())
        _ = try await table.delete(where: .less("id", .integer(3)))
        _ = try await table.alter([.addConstraint("c", "id >= 0")])
        _ = try await table.append(
            DeltaTableTests.batch([(70, nil)]),
            partition: ["region": "ap"],
            transaction: ApplicationTransaction(appID: "other", version: 9)
        )
        _ = try await table.optimise()
        let newest = try await table.snapshot().version
        #expect(newest > 6)
        for version in 3...newest.number {
            let snapshot = try await table.snapshot(at: TableVersion(version))
            let checksum = try #require(try await table.log.checksum(of: snapshot.version))
            #expect(checksum == VersionChecksum(snapshot))
            #expect(checksum.differences(from: snapshot) == [])
        }
        #expect(try await table.check().problems == [])
    }

    @Test("writers that race carry the checksums of their own versions")
    func raced() async throws {
        let table = try await MaintenanceTests.makeTable(commits: 1)
        try await table.log.writeChecksum(try await table.snapshot())
        let late = RowEditTests.Late(
            before: {
                _ = try await table.append(rows: [RowEditTests.whole([("us", 60, nil)])])
                _ = try await table.append(rows: [RowEditTests.whole([("us", 61, nil)])])
            },
            batch: RowEditTests.whole([("eu", 62, nil)])
        )
        #expect(try await table.append(rows: late).version == 4)
        for version in 1...4 {
            let snapshot = try await table.snapshot(at: TableVersion(Int64(version)))
            #expect(try await table.log.checksum(of: snapshot.version) == VersionChecksum(snapshot))
        }
    }

    @Test("a wrong checksum is a problem that is found, and no obstacle")
    func wrong() async throws {
        let table = try await MaintenanceTests.makeTable(commits: 2)
        let path = "t/_delta_log/00000000000000000002.crc"
        let text = #"{"tableSizeBytes":1,"numFiles":2,"numMetadata":1,"numProtocol":1,"allFiles":[]}"#
        try await table.store.putIfAbsent(path, Array(text.utf8))
        let problems = try await table.check().problems
        #expect(problems.map(\.file) == ["_delta_log/2.crc"])
        #expect(try await MaintenanceTests.ids(table).count == 20)
        _ = try await table.append(rows: [RowEditTests.whole([("eu", 62, nil)])])
        #expect(try await table.check().problems == [])
        try await table.store.putIfAbsent("t/_delta_log/00000000000000000009.crc", Array("{".utf8))
        #expect(try await table.log.checksum(of: 9) == nil)
    }
}
