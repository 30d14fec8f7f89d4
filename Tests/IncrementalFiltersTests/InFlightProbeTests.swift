import ColumnBatches
import IncrementalFilters
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

    @Test("a row the snapshot shows newer than it was seen has been committed")
    func newer() {
        var probe = InFlightProbe(keys: ["id"], cursor: "u")
        probe.expect(Self.batch([(1, 30)]))
        probe.observe(Self.batch([(1, 40)]))
        #expect(probe.oldest == nil)
    }

    @Test(
        "a committed version past the source's clock is no later one: the clock was set back before the other was written"
    )
    func pastTheClock() {
        func probe(clockAfter: Int64) -> InFlightProbe {
            var probe = InFlightProbe(keys: ["id"], cursor: "u", clock: 50)
            probe.expect(Self.batch([(1, 30), (2, 40), (3, 60)]))
            probe.observe(Self.batch([(1, 70), (2, 45), (3, 60)]))
            #expect(probe.isInDoubt)
            probe.settle(clock: clockAfter)
            #expect(!probe.isInDoubt)
            return probe
        }
        // Committed while the rows were read: the clock has come that far.
        #expect(probe(clockAfter: 80).oldest == nil)
        #expect(probe(clockAfter: 60).oldest == 30)
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
