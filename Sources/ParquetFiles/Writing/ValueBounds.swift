import ColumnBatches

/// The least and greatest value of a chunk, gathered page by page.
struct ValueBounds {
    private(set) var min: ColumnValue?
    private(set) var max: ColumnValue?

    /// Takes the present values of a page.
    mutating func include(_ values: PresentValues, type: ColumnType) {
        switch values {
        case .int32(let numbers): includeNumbers(numbers, type) { Int64($0) }
        case .int64(let numbers): includeNumbers(numbers, type) { $0 }
        case .int128(let numbers):
            guard let least = numbers.min(), let greatest = numbers.max() else { return }
            include(Self.decimal(least, type), Self.decimal(greatest, type))
        case .float(let numbers):
            let real = numbers.lazy.filter { !$0.isNaN }
            guard let least = real.min(), let greatest = real.max() else { return }
            include(.float(least == 0 ? -0.0 : least), .float(greatest == 0 ? 0.0 : greatest))
        case .double(let numbers): includeDoubles(numbers)
        case .texts(let offsets, let bytes): if type == .string { includeTexts(offsets, bytes) }
        case .boolean: break
        }
    }

    /// Takes the bounds of another part of the same column.
    mutating func include(_ other: ValueBounds) {
        if let min = other.min, let max = other.max { include(min, max) }
    }

    private mutating func includeNumbers<Number: FixedWidthInteger>(
        _ numbers: ArraySlice<Number>,
        _ type: ColumnType,
        _ wide: (Number) -> Int64
    ) {
        guard var least = numbers.first else { return }
        var greatest = least
        for number in numbers {
            least = Swift.min(least, number)
            greatest = Swift.max(greatest, number)
        }
        include(Self.number(wide(least), type), Self.number(wide(greatest), type))
    }

    private mutating func includeDoubles(_ numbers: ArraySlice<Double>) {
        var least = Double.infinity
        var greatest = -Double.infinity
        var isPresent = false
        for number in numbers where !number.isNaN {
            least = Swift.min(least, number)
            greatest = Swift.max(greatest, number)
            isPresent = true
        }
        guard isPresent else { return }
        include(.double(least == 0 ? -0.0 : least), .double(greatest == 0 ? 0.0 : greatest))
    }

    /// Compares by bytes, the first eight of them at once.
    private mutating func includeTexts(_ offsets: ArraySlice<Int32>, _ bytes: [UInt8]) {
        guard offsets.count > 1 else { return }
        func prefix(_ start: Int, _ end: Int) -> UInt64 {
            var word: UInt64 = 0
            for index in 0..<8 {
                word = word &<< 8 | (start + index < end ? UInt64(bytes[start + index]) : 0)
            }
            return word
        }
        func text(_ index: Int) -> ArraySlice<UInt8> { bytes[Int(offsets[index])..<Int(offsets[index + 1])] }
        var least = offsets.startIndex
        var greatest = least
        var leastWord = prefix(Int(offsets[least]), Int(offsets[least + 1]))
        var greatestWord = leastWord
        for index in (offsets.startIndex + 1)..<(offsets.endIndex - 1) {
            let word = prefix(Int(offsets[index]), Int(offsets[index + 1]))
            if word < leastWord || (word == leastWord && text(index).lexicographicallyPrecedes(text(least))) {
                least = index
                leastWord = word
            }
            if word > greatestWord
                || (word == greatestWord && text(greatest).lexicographicallyPrecedes(text(index)))
            {
                greatest = index
                greatestWord = word
            }
        }
        include(
            .string(String(decoding: text(least), as: UTF8.self)),
            .string(String(decoding: text(greatest), as: UTF8.self))
        )
    }

    private mutating func include(_ least: ColumnValue, _ greatest: ColumnValue) {
        if let min { if Self.precedes(least, min) { self.min = least } } else { min = least }
        if let max { if Self.precedes(max, greatest) { self.max = greatest } } else { max = greatest }
    }

    private static func number(_ value: Int64, _ type: ColumnType) -> ColumnValue {
        switch type {
        case .date: .date(Int32(truncatingIfNeeded: value))
        case .timestamp: .timestamp(value)
        case .timestampNTZ: .timestampNTZ(value)
        case .decimal(_, let scale): .decimal(Int128(value), scale: scale)
        default: .integer(value)
        }
    }

    private static func decimal(_ value: Int128, _ type: ColumnType) -> ColumnValue {
        if case .decimal(_, let scale) = type {
            .decimal(value, scale: scale)
        } else {
            .decimal(value, scale: 0)
        }
    }

    private static func precedes(_ left: ColumnValue, _ right: ColumnValue) -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)), (.timestamp(let left), .timestamp(let right)),
            (.timestampNTZ(let left), .timestampNTZ(let right)):
            left < right
        case (.date(let left), .date(let right)): left < right
        case (.decimal(let left, _), .decimal(let right, _)): left < right
        case (.float(let left), .float(let right)): left < right
        case (.double(let left), .double(let right)): left < right
        case (.string(let left), .string(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
        default: false
        }
    }
}

extension ColumnValue {
    /// The value as the statistics of a chunk keep it; texts are cut to 64 bytes.
    func statistic(_ layout: ColumnLayout, isMaximum: Bool) -> (bytes: [UInt8], isExact: Bool)? {
        func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
            (0..<(Number.bitWidth / 8)).map { UInt8(truncatingIfNeeded: number >> Number(8 * $0)) }
        }
        func integer(_ number: Int64) -> [UInt8] {
            layout.physical == .int32 ? little(Int32(truncatingIfNeeded: number)) : little(number)
        }
        switch self {
        case .integer(let number), .timestamp(let number), .timestampNTZ(let number):
            return (integer(number), true)
        case .date(let days): return (little(days), true)
        case .decimal(let unscaled, _):
            if layout.physical != .fixedLengthByteArray {
                return (integer(Int64(truncatingIfNeeded: unscaled)), true)
            }
            return (
                (0..<layout.fixedLength).reversed().map {
                    UInt8(truncatingIfNeeded: unscaled >> Int128(8 * $0))
                }, true
            )
        case .float(let number): return (little(number.bitPattern), true)
        case .double(let number): return (little(number.bitPattern), true)
        case .string(let text): return Self.cut(Array(text.utf8), isMaximum: isMaximum)
        case .null, .boolean, .binary, .unsigned, .time, .list, .structure, .map: return nil
        }
    }

    /// At most 64 bytes on a boundary of characters; a maximum is raised in its last character that can be.
    private static func cut(_ bytes: [UInt8], isMaximum: Bool) -> (bytes: [UInt8], isExact: Bool)? {
        guard bytes.count > 64 else { return (bytes, true) }
        var end = 64
        while end > 0 && bytes[end] & 0xC0 == 0x80 { end -= 1 }
        guard isMaximum else { return (Array(bytes[..<end]), false) }
        var scalars = Array(String(decoding: bytes[..<end], as: UTF8.self).unicodeScalars)
        while let last = scalars.popLast() {
            let raised = last.value == 0xD7FF ? 0xE000 : last.value + 1
            guard raised <= 0x10FFFF, let scalar = Unicode.Scalar(raised) else { continue }
            scalars.append(scalar)
            return (scalars.flatMap { Array(String($0).utf8) }, false)
        }
        return nil
    }
}
