import ColumnBatches
import Foundation
import Logging
import ObjectStores
import SourceConnectors
@testable import SyncPipelines
import Synchronization
import Testing

@Suite("Masking") struct MaskingTests {
    private static let all = TaskSelection(regions: .all)

    /// A hash that depends on every byte of key and text; no secret hangs on it here.
    private static func key(_ name: String) throws -> MaskingKey {
        try MaskingKey(Array(String(repeating: name, count: 32).utf8)) { key, text in
            var state: [UInt64] = [0xcbf2_9ce4_8422_2325, 0x9ae1_6a3b_2f90_404f]
            for byte in key + [0] + text {
                for index in state.indices {
                    state[index] = (state[index] ^ UInt64(byte)) &* 0x100_0000_01b3 &+ UInt64(index)
                }
            }
            return state.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
        }
    }

    private static func fleet(_ mask: [String: ColumnMask]) -> MemoryFleet {
        var fleet = MemoryFleet()
        fleet.configuration.tables[0].mask = mask
        for name in ["c1", "c2"] {
            fleet.commit(
                name,
                (0..<40).map { MemoryFleet.row($0, "clear \($0 % 4)", at: MemoryFleet.start - 10 - $0) }
            )
        }
        return fleet
    }

    private static func pipeline(_ fleet: MemoryFleet, _ name: String = "a") throws -> SyncPipeline<
        MemoryConnector
    > {
        var pipeline = fleet.pipeline
        pipeline.maskingKey = try key(name)
        return pipeline
    }

    private static func notes(_ rows: Set<[ColumnValue]>) -> Set<ColumnValue> {
        Set(rows.map { $0[1] })
    }

    @Test("values become hashes that join in the lake or within a client, and dropped columns do not come")
    func lake() async throws {
        for (mask, shared) in [(ColumnMask.hmac, true), (.hmacPerClient, false)] {
            let fleet = Self.fleet(["note": mask, "amount": .drop])
            let pipeline = try Self.pipeline(fleet)
            let prepared = try await pipeline.prepare(Self.all)
            #expect(prepared.tables[0].columns.contains("note string"))
            #expect(!prepared.tables[0].columns.contains { $0.hasPrefix("amount") })
            let report = try await pipeline.run(Self.all)
            #expect(report.succeeded)
            let columns = ["id", "note", "update_timestamp"]
            let one = try await fleet.lakeRows("1", "eu", columns: columns)
            let two = try await fleet.lakeRows("2", "us", columns: columns)
            #expect(one.count == 40)
            let (first, second) = (Self.notes(one), Self.notes(two))
            #expect(first.count == 4 && (first == second) == shared)
            #expect(first.allSatisfy { "\($0)".count >= 32 && !"\($0)".contains("clear") })
            #expect(try await pipeline.run(Self.all).tasks.allSatisfy { $0.outcome == .unchanged })
            let verified = try await pipeline.verify(Self.all)
            #expect(verified.tasks.allSatisfy { $0.differing == 0 && $0.error == nil && $0.sourceRows == 40 })
        }
    }

    @Test("a masked key merges, repairs and deletes as a clear one does")
    func keys() async throws {
        let fleet = Self.fleet(["id": .hmac])
        let pipeline = try Self.pipeline(fleet)
        _ = try await pipeline.prepare(Self.all)
        _ = try await pipeline.run(Self.all)
        let before = try await fleet.lakeRows("1", "eu")
        fleet.commit("c1", [MemoryFleet.row(3, "new", at: MemoryFleet.start - 1)])
        let report = try await pipeline.run(Self.all)
        #expect(report.tasks[0].rowsUpdated == 1 && report.tasks[0].rowsInserted == 0)
        let after = try await fleet.lakeRows("1", "eu")
        #expect(after.count == 40 && after.subtracting(before).count == 1)
        fleet.databases["c1"]?.update { $0.tables[MemoryFleet.table]?.committed.removeLast() }
        var options = VerificationOptions()
        options.repairs = true
        let repaired = try await pipeline.verify(Self.all, options: options)
        #expect(repaired.tasks[0].repaired == 1)
        #expect(try await fleet.lakeRows("1", "eu").count == 39)
    }

    @Test("no log line, report, page or object of the lake has a clear value")
    func nowhere() async throws {
        var fleet = Self.fleet(["note": .hmac])
        fleet.configuration.tables[0].review = .required
        let lines = Mutex<[String]>([])
        var pipeline = try Self.pipeline(fleet)
        pipeline.logger = Logger(label: "test") { label in
            JSONLogHandler(label: label) { line in lines.withLock { $0.append(line) } }
        }
        _ = try await pipeline.prepare(Self.all)
        let report = try await pipeline.run(Self.all)
        var texts = lines.withLock { $0 } + [report.json, report.html, report.text]
        for set in try await pipeline.changeSets(Self.all) {
            texts.append("\(try await pipeline.diff(set, limit: 100))")
        }
        texts.append("\(pipeline.maskingKey.map { "\($0)" } ?? "")")
        var dumped = ""
        dump(pipeline.maskingKey, to: &dumped)
        texts.append(dumped)
        #expect(texts.count > 6)
        for text in texts { #expect(!text.contains("clear ") && !text.contains("aaaaaaaa")) }
        for object in try await fleet.store.list("", after: nil) {
            let bytes = try await fleet.store.read(object.path)
            #expect(String(decoding: bytes, as: UTF8.self).contains("clear ") == false, "\(object.path)")
        }
    }

    @Test("another key or mask is another definition, which needs a plan")
    func definitions() async throws {
        var fleet = Self.fleet(["note": .hmac])
        _ = try await Self.pipeline(fleet).prepare(Self.all)
        _ = try await Self.pipeline(fleet).run(Self.all)
        let other = try await Self.pipeline(fleet, "b").run(Self.all)
        #expect(other.tasks.allSatisfy { $0.error?.code == "needsPlan" })
        fleet.configuration.tables[0].mask = ["note": .hmacPerClient]
        let scoped = try await Self.pipeline(fleet).run(Self.all)
        #expect(scoped.tasks.allSatisfy { $0.error?.message.contains("values of note") == true })
        let plan = try await Self.pipeline(fleet, "b").plan(Self.all)
        #expect(try await Self.pipeline(fleet, "b").run(plan: plan.id).succeeded)
    }

    @Test("without a key nothing is read")
    func withoutKey() async throws {
        let fleet = Self.fleet(["note": .hmac])
        await #expect {
            _ = try await fleet.pipeline.run(Self.all)
        } throws: {
            ($0 as? SyncError)?.code == .missingSecret
        }
        #expect(fleet.databases["c1"]?.state.withLock { $0.queries.isEmpty } == true)
        #expect(throws: SyncError.self) { try MaskingKey(Array("short".utf8)) { $0 + $1 } }
        let dropping = Self.fleet(["note": .drop])
        _ = try await dropping.pipeline.prepare(Self.all)
        #expect(try await dropping.pipeline.run(Self.all).succeeded)
        let keyed = Self.fleet(["id": .drop])
        let prepared = try await keyed.pipeline.prepare(Self.all)
        #expect(prepared.tables[0].error?.contains("part of the key") == true)
    }

    @Test(
        "a wrong mask says where and what to write",
        arguments: [
            (#""mask": {"note": "hmca"}"#, "tables[0].mask.note", "did you mean \"hmac\""),
            (#""mask": {"note": "hmac"}"#, "tables[0].mask", "maskKey"),
            (#""mask": {"ID": "drop"}, "keys": ["id"]"#, "tables[0].mask.ID", "cannot be dropped"),
            (#""mask": {"at": "drop"}, "cursor": "at""#, "tables[0].mask.at", "is the cursor"),
        ]
    )
    func mistakes(member: String, path: String, says: String) {
        #expect {
            _ = try SyncConfiguration(
                json:
                    #"{"lake": "l", "schemas": {"s": {"database": "d"}}, "tables": [{"schema": "s", "name": "t", \#(member)}]}"#
            )
        } throws: { error in
            guard let error = error as? SyncError else { return false }
            if error.path != path || !error.message.contains(says) { print("got \(error)") }
            return error.path == path && error.message.contains(says)
        }
    }
}
