import ColumnBatches
import ConnectorTestKit
import Testing

@testable import MergePlanning

@Suite("Number probe") struct NumberProbeTests {
    private func found(_ keys: [Int64], in column: Column) -> [[Int]] {
        var found: [(row: Int, number: Int)] = []
        NumberProbe(keys, sorted: keys.sorted()).find(in: column, into: &found)
        return found.map { [$0.row, $0.number] }
    }

    private func expected(_ keys: [Int64], _ values: [Int64?]) -> [[Int]] {
        values.enumerated().compactMap { row, value in
            value.flatMap { value in keys.firstIndex(of: value) }.map { [row, $0] }
        }
    }

    @Test("finds the rows with a key in whatever order rows and keys are", arguments: 0..<60)
    func random(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let span = [20, 400, 60_000].randomElement(using: &generator) ?? 20
        var keys = Set<Int64>()
        for _ in 0..<Int.random(in: 0...300, using: &generator) {
            keys.insert(Int64(Int.random(in: -span...span, using: &generator)))
        }
        if seed % 5 == 0 { keys.formUnion([.min, .max, 0]) }
        let numbered = keys.shuffled(using: &generator)
        var values = (0..<Int.random(in: 0...3_000, using: &generator)).map { _ in
            Int64(Int.random(in: -span...span, using: &generator))
        }
        if seed % 5 == 0 { values += [.max, .min, .max, .min] }
        if seed % 2 == 0 { values.sort() }
        if seed % 4 == 0 {
            values = values.enumerated().map { $0.offset % 40 < 20 ? $0.element : -$0.element }
        }
        let isNull = values.map { _ in seed % 3 == 0 && Bool.random(using: &generator) }
        var builder = ColumnBuilder(.int64)
        for (value, isNull) in zip(values, isNull) { builder.append(isNull ? .null : .integer(value)) }
        let wanted = expected(numbered, zip(values, isNull).map { $1 ? nil : $0 })
        #expect(found(numbered, in: builder.finish()) == wanted)
        guard seed % 5 != 0 else { return }
        var narrow = ColumnBuilder(.int32)
        for (value, isNull) in zip(values, isNull) { narrow.append(isNull ? .null : .integer(value)) }
        #expect(found(numbered, in: narrow.finish()) == wanted)
    }
}
