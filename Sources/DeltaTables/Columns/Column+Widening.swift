import ColumnBatches

extension Column {
    /// The same values in a type that can hold them all, or nil; the protocol's section "Type Widening".
    ///
    /// Types of the same storage that old writers annotated otherwise count too.
    func widened(to target: ColumnType) -> Column? {
        if type == target { return self }
        switch (type, target) {
        case (.int8, .int16), (.int8, .int32), (.int16, .int32), (.int32, .int16), (.int32, .int8),
            (.int16, .int8),
            (.binary, .string), (.string, .binary), (.timestamp, .timestampNTZ), (.timestampNTZ, .timestamp),
            (.int32, .date), (.int64, .timestamp):
            return Column(type: target, storage: storage, validity: validity)
        case (.date, .timestampNTZ):
            guard case .int32(let days) = storage else { return nil }
            return with(target, .int64(days.map { Int64($0) * 86_400_000_000 }))
        case (.float, .double):
            guard case .float(let values) = storage else { return nil }
            return with(target, .double(values.map { Double($0) }))
        case (.decimal(_, let scale), .decimal(_, let wanted)) where wanted >= scale:
            return decimals(target, times: wanted - scale)
        case (_, .int64), (_, .double):
            guard case .int32(let values) = storage, type != .date else { return nil }
            return target == .int64
                ? with(target, .int64(values.map { Int64($0) }))
                : with(target, .double(values.map { Double($0) }))
        case (.int8, .decimal(_, let scale)), (.int16, .decimal(_, let scale)),
            (.int32, .decimal(_, let scale)),
            (.int64, .decimal(_, let scale)):
            return decimals(target, times: scale)
        default: return nil
        }
    }

    private func with(_ target: ColumnType, _ storage: ColumnStorage) -> Column {
        Column(type: target, storage: storage, validity: validity)
    }

    /// Whole or unscaled numbers with more digits after the point; nil when one does not fit.
    private func decimals(_ target: ColumnType, times digits: Int) -> Column? {
        var factor: Int128 = 1
        for _ in 0..<digits { factor *= 10 }
        let numbers: [Int128]
        switch storage {
        case .int32(let values): numbers = values.map { Int128($0) }
        case .int64(let values): numbers = values.map { Int128($0) }
        case .int128(let values): numbers = values
        default: return nil
        }
        var scaled: [Int128] = []
        scaled.reserveCapacity(numbers.count)
        for number in numbers {
            let (product, overflow) = number.multipliedReportingOverflow(by: factor)
            if overflow { return nil }
            scaled.append(product)
        }
        if target.storage == .int128 { return with(target, .int128(scaled)) }
        var narrow: [Int64] = []
        narrow.reserveCapacity(scaled.count)
        for number in scaled {
            guard let value = Int64(exactly: number) else { return nil }
            narrow.append(value)
        }
        return with(target, .int64(narrow))
    }
}
