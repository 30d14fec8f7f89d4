/// Reads and writes one 32-bit bitmap in the portable form of the Roaring format specification.
enum RoaringBitmap {
    struct Failure: Error {
        var reason: String
    }

    private static let cookieWithoutRuns: UInt32 = 12346
    private static let cookieWithRuns: UInt32 = 12347

    /// Adds the values of a bitmap that begins at a position, each raised by `base`.
    ///
    /// - Returns: The position after the bitmap.
    static func decode(
        _ bytes: [UInt8],
        at start: Int,
        base: UInt64,
        limit: Int,
        into rows: inout [UInt64]
    ) throws(Failure) -> Int {
        var reader = Reader(bytes: bytes, position: start)
        let cookie = try reader.integer32()
        var runs: [UInt8] = []
        let containers: Int
        if cookie & 0xFFFF == cookieWithRuns {
            containers = Int(cookie >> 16) + 1
            runs = Array(try reader.take((containers + 7) / 8))
        } else if cookie == cookieWithoutRuns {
            containers = Int(try reader.integer32())
        } else {
            throw Failure(reason: "a bitmap begins with \(cookie)")
        }
        guard containers <= 1 << 16 else { throw Failure(reason: "a bitmap has \(containers) containers") }
        var headers: [(key: UInt16, count: Int)] = []
        for _ in 0..<containers {
            let key = try reader.integer16()
            guard headers.last.map({ $0.key < key }) ?? true else {
                throw Failure(reason: "containers are not sorted")
            }
            headers.append((key, Int(try reader.integer16()) + 1))
        }
        // Offsets are there for random access only.
        if runs.isEmpty || containers >= 4 { _ = try reader.take(containers * 4) }
        for (index, header) in headers.enumerated() {
            let high = base | UInt64(header.key) << 16
            let isRun = !runs.isEmpty && runs[index / 8] >> UInt8(index % 8) & 1 == 1
            if isRun {
                try decodeRuns(&reader, high, limit, &rows)
            } else if header.count > 4096 {
                let words = try reader.take(8192)
                var found = 0
                for (position, byte) in words.enumerated() where byte != 0 {
                    for bit in 0..<8 where byte >> UInt8(bit) & 1 == 1 {
                        rows.append(high | UInt64(position * 8 + bit))
                        found += 1
                    }
                }
                guard found == header.count else {
                    throw Failure(reason: "a container has \(found) values, not \(header.count)")
                }
            } else {
                var last = -1
                for _ in 0..<header.count {
                    let value = try reader.integer16()
                    guard Int(value) > last else { throw Failure(reason: "the values are not sorted") }
                    last = Int(value)
                    rows.append(high | UInt64(value))
                }
            }
            guard rows.count <= limit else { throw Failure(reason: "there are more than \(limit) values") }
        }
        return reader.position
    }

    private static func decodeRuns(
        _ reader: inout Reader,
        _ high: UInt64,
        _ limit: Int,
        _ rows: inout [UInt64]
    ) throws(Failure) {
        var next = 0
        for _ in 0..<(try reader.integer16()) {
            let start = Int(try reader.integer16())
            let end = start + Int(try reader.integer16())
            guard start >= next, end < 1 << 16 else { throw Failure(reason: "runs overlap or reach too far") }
            guard rows.count + end - start < limit else {
                throw Failure(reason: "there are more than \(limit) values")
            }
            for value in start...end { rows.append(high | UInt64(value)) }
            next = end + 1
        }
    }

    /// The bitmap of sorted, distinct values.
    static func encode(_ values: ArraySlice<UInt64>) -> [UInt8] {
        var containers: [(key: UInt16, values: [UInt16])] = []
        for value in values {
            let key = UInt16(truncatingIfNeeded: value >> 16)
            if containers.last?.key != key { containers.append((key, [])) }
            containers[containers.count - 1].values.append(UInt16(truncatingIfNeeded: value))
        }
        var bytes: [UInt8] = []
        bytes.appendLowFirst(cookieWithoutRuns)
        bytes.appendLowFirst(UInt32(containers.count))
        for container in containers {
            bytes.appendLowFirst(container.key)
            bytes.appendLowFirst(UInt16(container.values.count - 1))
        }
        var offset = bytes.count + containers.count * 4
        for container in containers {
            bytes.appendLowFirst(UInt32(offset))
            offset += container.values.count > 4096 ? 8192 : container.values.count * 2
        }
        for container in containers {
            if container.values.count > 4096 {
                var bits = [UInt8](repeating: 0, count: 8192)
                for value in container.values { bits[Int(value >> 3)] |= 1 << UInt8(value & 7) }
                bytes += bits
            } else {
                for value in container.values { bytes.appendLowFirst(value) }
            }
        }
        return bytes
    }

    /// Little-endian numbers of some bytes.
    struct Reader {
        let bytes: [UInt8]
        var position: Int

        mutating func take(_ count: Int) throws(Failure) -> ArraySlice<UInt8> {
            guard count >= 0, position >= 0, count <= bytes.count - position else {
                throw Failure(reason: "it is cut short")
            }
            defer { position += count }
            return bytes[position..<(position + count)]
        }

        mutating func integer16() throws(Failure) -> UInt16 {
            try take(2).reversed().reduce(0) { $0 << 8 | UInt16($1) }
        }

        mutating func integer32() throws(Failure) -> UInt32 {
            try take(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }

        mutating func integer64() throws(Failure) -> UInt64 {
            try take(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }
}

extension [UInt8] {
    /// Adds a number, its lowest byte first.
    mutating func appendLowFirst(_ number: some FixedWidthInteger) {
        for shift in stride(from: 0, to: number.bitWidth, by: 8) {
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
