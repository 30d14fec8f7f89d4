import ColumnBatches
import IncrementalFilters
import SourceConnectors
import Testing

@Suite("InFlightProbe") struct InFlightProbeTests {
    static func batch(_ rows: [(id: Int64, cursor: Int64?)]) -> ColumnBatch {
        var ids = ColumnBuilder(.int64)
        var cursors = ColumnBuilder(.timestamp)
        for row in rows {
            ids.append(.integer(row.id))
            cursors.append(row.cursor.map { .timestamp($0) } ?? .null)
        }
        let schema = BatchSchema([Field("id", .int64), Field("u", .timestamp)])
        return ColumnBatch(schema: schema, columns: [ids.finish(), cursors.finish()])
    }

    @Test("rows that the snapshot shows are not in flight")
    func shown() {
        var probe = InFlightProbe(keys: ["id"], cursor: "u")
        probe.expect(Self.batch([(1, 10), (2, 20)]))
        probe.observe(Self.batch([(2, 20), (1, 10), (3, 5)]))
        #expect(probe.oldest == nil)
    }

    @Test("a row the snapshot lacks is in flight")
    func missing() {
        var probe = InFlightProbe(keys: ["id"], cursor: "u")
        probe.expect(Self.batch([(1, 10), (2, 20), (4, 15)]))
        probe.observe(Self.batch([(1, 10)]))
        #expect(probe.oldest == 15)
    }

    @Test("a row the snapshot shows older than it was seen is in flight")
    func older() {
        var probe = InFlightProbe(keys: ["id"], cursor: "u")
        probe.expect(Self.batch([(1, 30)]))
        probe.observe(Self.batch([(1, 10)]))
        #expect(probe.oldest == 30)
    }

    @Test("a value that cannot be represented is another than one that is missing", arguments: [true, false])
    func defects(wasBefore: Bool) {
        let defect = RowDefect(row: 0, column: "id", rule: "rule", reason: "reason")
        let sound = Self.batch([(1, 10), (2, 20)])
        let defective = ColumnBatch(schema: sound.schema, columns: sound.columns, defects: [defect])
        var probe = InFlightProbe(keys: ["id"], cursor: "u", comparing: ["id", "u"])
        probe.expect(wasBefore ? defective : sound)
        probe.observe(wasBefore ? sound : defective)
        #expect(probe.oldest == 10)
        var same = InFlightProbe(keys: ["id"], cursor: "u", comparing: ["id", "u"])
        same.expect(defective)
        same.observe(defective)
        #expect(same.oldest == nil)
    }

    @Test("a row the snapshot shows newer than it was seen has been committed")
    func newer() {
        var probe = InFlightProbe(keys: ["id"], cursor: "u")
        probe.expect(Self.batch([(1, 30)]))
        probe.observe(Self.batch([(1, 40)]))
        #expect(probe.oldest == nil)
    }

    @Test(
        "a committed version with a later cursor is the older one where it was not written between the reads"
    )
    func laterByItsCursor() {
        func probe(_ committed: [(id: Int64, cursor: Int64?)], clockAfter: Int64) -> Int64? {
            var probe = InFlightProbe(
                keys: ["id"],
                cursor: "u",
                reading: SourceReading(clock: 50, quiet: 45)
            )
            probe.expect(Self.batch([(1, 30), (2, 48)]))
            probe.observe(Self.batch(committed))
            #expect(probe.isInDoubt)
            probe.settle(clock: clockAfter)
            #expect(!probe.isInDoubt)
            return probe.oldest
        }
        // Committed while the rows were read: the clock has come that far.
        #expect(probe([(1, 60), (2, 48)], clockAfter: 60) == nil)
        #expect(probe([(1, 45), (2, 48)], clockAfter: 60) == nil)
        // Written before the reading, though its cursor is later.
        #expect(probe([(1, 44), (2, 48)], clockAfter: 60) == 30)
        // The clock was set back after it was written.
        #expect(probe([(1, 61), (2, 48)], clockAfter: 60) == 30)
        // While there are rows of a time yet to come, every such row counts.
        #expect(probe([(1, 52), (2, 48), (3, 70)], clockAfter: 60) == 30)
    }

    @Test("a reading is floored to what the column keeps")
    func flooredReading() {
        var cursor = Cursor(
            CursorCandidate(
                column: "u",
                type: .timestamp,
                fractionalDigits: 0,
                isIndexed: true,
                isServerSet: true
            )
        )
        let reading = SourceReading(clock: 5_700_000, quiet: 3_900_000, seen: 7)
        #expect(cursor.floor(reading) == SourceReading(clock: 5_700_000, quiet: 3_000_000, seen: 7))
        cursor.fractionalDigits = 6
        #expect(cursor.floor(reading) == reading)
        // A clock that was set forward has come as far as ours.
        #expect(
            reading.reached(by: MarkSignals(now: 9_000_000, observed: 1_000_000...2_000_007)) == 7_700_000
        )
        #expect(
            reading.reached(by: MarkSignals(now: 6_000_000, observed: 1_000_000...2_000_007)) == 6_000_000
        )
        #expect(reading.reached(by: MarkSignals(now: 9_000_000)) == 9_000_000)
    }

    @Test("a row whose other version carries the same cursor is in flight where rows are compared")
    func sameCursor() {
        func batch(_ note: String) -> ColumnBatch {
            var notes = ColumnBuilder(.string)
            notes.append(.string(note))
            let rows = Self.batch([(1, 10)])
            let schema = BatchSchema(rows.schema.fields + [Field("note", .string)])
            return ColumnBatch(schema: schema, columns: rows.columns + [notes.finish()])
        }
        var blind = InFlightProbe(keys: ["id"], cursor: "u")
        var comparing = InFlightProbe(keys: ["id"], cursor: "u", comparing: ["id", "u", "note"])
        blind.expect(batch("second"))
        comparing.expect(batch("second"))
        blind.observe(batch("first"))
        comparing.observe(batch("first"))
        #expect(blind.oldest == nil)
        #expect(comparing.oldest == 10)
        comparing.observe(batch("second"))
        #expect(comparing.oldest == nil)
    }

    @Test("rows without cursor neither count nor hide others")
    func nulls() {
        var probe = InFlightProbe(keys: ["id"], cursor: "u")
        probe.expect(Self.batch([(1, nil), (2, 7)]))
        probe.observe(Self.batch([(2, nil)]))
        #expect(probe.count == 1)
        #expect(probe.oldest == 7)
    }
}
