import ColumnBatches

/// The order of values of one type.
enum ValueOrder {
    /// Below zero, zero or above, as the first value is smaller, the same or greater; nil when one is missing or they
    /// cannot be compared.
    static func compare(_ left: ColumnValue, _ right: ColumnValue) -> Int? {
        switch (left, right) {
        case (.boolean(let one), .boolean(let two)): order(one ? 1 : 0, two ? 1 : 0)
        case (.integer(let one), .integer(let two)): order(one, two)
        case (.unsigned(let one), .unsigned(let two)): order(one, two)
        case (.float(let one), .float(let two)): real(Double(one), Double(two))
        case (.double(let one), .double(let two)): real(one, two)
        case (.float(let one), .double(let two)): real(Double(one), two)
        case (.double(let one), .float(let two)): real(one, Double(two))
        case (.integer(let one), .decimal(let two, let scale)): decimal(Int128(one), 0, two, scale)
        case (.decimal(let one, let scale), .integer(let two)): decimal(one, scale, Int128(two), 0)
        case (.decimal(let one, let scale), .decimal(let two, let other)): decimal(one, scale, two, other)
        case (.date(let one), .date(let two)): order(one, two)
        case (.timestamp(let one), .timestamp(let two)): order(one, two)
        case (.timestampNTZ(let one), .timestampNTZ(let two)): order(one, two)
        case (.time(let one, let unit), .time(let two, let other)) where unit == other: order(one, two)
        case (.string(let one), .string(let two)): bytes(one.utf8, two.utf8)
        case (.binary(let one), .binary(let two)): bytes(one, two)
        default: nil
        }
    }

    private static func order<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
        left < right ? -1 : left == right ? 0 : 1
    }

    private static func real(_ left: Double, _ right: Double) -> Int {
        if left.isNaN || right.isNaN { return order(left.isNaN ? 1 : 0, right.isNaN ? 1 : 0) }
        return order(left, right)
    }

    private static func decimal(_ left: Int128, _ scale: Int, _ right: Int128, _ other: Int) -> Int? {
        var (one, two) = (left, right)
        for _ in 0..<max(0, other - scale) {
            let (product, overflow) = one.multipliedReportingOverflow(by: 10)
            if overflow { return left < 0 ? -1 : 1 }
            one = product
        }
        for _ in 0..<max(0, scale - other) {
            let (product, overflow) = two.multipliedReportingOverflow(by: 10)
            if overflow { return right < 0 ? 1 : -1 }
            two = product
        }
        return order(one, two)
    }

    private static func bytes(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> Int {
        if left.elementsEqual(right) { return 0 }
        return left.lexicographicallyPrecedes(right) ? -1 : 1
    }
}
