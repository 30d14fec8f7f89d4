import DeltaLog
import DeltaTables

extension KeyBounds {
    /// Whether a file may hold one of the keys, by its statistics; a file without them may.
    func mayOverlap(_ file: AddFile, of schema: TableSchema) -> Bool {
        guard let text = file.stats, let statistics = FileStatistics(json: text) else { return true }
        for (name, range) in ranges {
            let name = schema.storedName(name)
            guard let min = statistics.minValues[name], let max = statistics.maxValues[name] else { continue }
            switch (range, min, max) {
            case (.numbers(let keys), .number(let low), .number(let high)):
                guard let low = Int64(low), let high = Int64(high) else { continue }
                if keys.upperBound < low || high < keys.lowerBound { return false }
            case (.texts(let least, let greatest), .string(let low), .string(let high)):
                if greatest.lexicographicallyPrecedes(Array(low.utf8)) { return false }
                if Array(high.utf8).lexicographicallyPrecedes(least) { return false }
            default: continue
            }
        }
        return true
    }
}
