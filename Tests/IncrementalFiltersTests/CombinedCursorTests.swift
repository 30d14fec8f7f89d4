import ColumnBatches
import IncrementalFilters
import SourceConnectors
import Testing

/// Cursors of several columns, of which the first one that is not null counts.
@Suite("Cursor, several columns") struct CombinedCursorTests {
    private func candidate(
        _ name: String,
        digits: Int = 6,
        indexed: Bool = true,
        onInsert: Bool,
        onUpdate: Bool
    ) -> CursorCandidate {
        CursorCandidate(
            column: name,
            type: .timestamp,
            fractionalDigits: digits,
            isIndexed: indexed,
            isServerSet: onInsert && onUpdate,
            isSetOnInsert: onInsert,
            isSetOnUpdate: onUpdate
        )
    }

    @Test("a time of update before a time of insert is set by the server, the other way round it is not")
    func pair() {
        let updated = candidate("updated_at", onInsert: false, onUpdate: true)
        let created = candidate("created_at", digits: 0, onInsert: true, onUpdate: false)
        let usual = Cursor(updated, orElse: [created])
        #expect(usual.isServerSet && usual.isIndexed && usual.isCombined)
        #expect(usual.name == "updated_at, created_at" && usual.step == 1_000_000)
        #expect(MarkPolicy().expectation(for: usual, limitations: []).guarantee == .proven)
        #expect(!Cursor(created, orElse: [updated]).isServerSet)
        #expect(!Cursor(updated, orElse: []).isServerSet)
    }

    @Test("a cursor is worth what its weakest column is")
    func weakest() {
        let updated = candidate("updated_at", onInsert: false, onUpdate: true)
        let created = candidate("created_at", indexed: false, onInsert: true, onUpdate: false)
        let expected = MarkPolicy().expectation(for: Cursor(updated, orElse: [created]), limitations: [])
        #expect(expected.guarantee == .digestOnly)
        #expect(expected.reasons.contains { $0.contains("updated_at, created_at") })
    }

    @Test("its window asks for the further columns where those before are null")
    func window() {
        let updated = candidate("u", onInsert: false, onUpdate: true)
        let created = candidate("c", onInsert: true, onUpdate: false)
        let window = Cursor(updated, orElse: [created]).window(from: 7, includesNulls: false)
        #expect(window.column == "u" && window.further == ["c"] && window.lowerBound == 7)
        #expect(!window.includesNulls)
    }

    @Test("rows in flight are told by the first column that is not null")
    func inFlight() {
        func batch(_ rows: [(Int64, Int64?, Int64?)]) -> ColumnBatch {
            var columns = [ColumnBuilder(.int64), ColumnBuilder(.timestamp), ColumnBuilder(.timestamp)]
            for (key, updated, created) in rows {
                columns[0].append(.integer(key))
                columns[1].append(updated.map { .timestamp($0) } ?? .null)
                columns[2].append(created.map { .timestamp($0) } ?? .null)
            }
            let fields = [Field("k", .int64), Field("u", .timestamp), Field("c", .timestamp)]
            return ColumnBatch(
                schema: BatchSchema(fields),
                columns: columns.indices.map { columns[$0].finish() },
                rowCount: rows.count
            )
        }
        var probe = InFlightProbe(keys: ["k"], cursor: ["u", "c"])
        // 1 is updated and not committed, 2 is inserted and not committed, 3 is seen by both, 4 has no time.
        probe.expect(batch([(1, 90, 10), (2, nil, 80), (3, 70, 20), (4, nil, nil)]))
        probe.observe(batch([(1, nil, 10), (3, 70, 20)]))
        #expect(probe.oldest == 80 && probe.count == 3)
    }
}
