extension PageBuffer {
    /// Adds the values of a page in an encoding other than that of a dictionary.
    func append(_ values: PresentValues, _ encoding: Encoding, _ layout: ColumnLayout) {
        switch encoding {
        case .deltaBinaryPacked: appendDelta(values)
        case .deltaLengthByteArray:
            guard case .texts(let offsets, let bytes) = values else { break }
            return DeltaTextEncoder.appendLengths(offsets, bytes, to: self)
        case .deltaByteArray:
            guard case .texts(let offsets, let bytes) = values else { break }
            return DeltaTextEncoder.appendPrefixes(offsets, bytes, to: self)
        case .byteStreamSplit: appendSplit(values, layout)
        case .rle: appendRuns(values)
        default: appendPlain(values, layout)
        }
    }

    private func appendDelta(_ values: PresentValues) {
        switch values {
        case .int32(let numbers): DeltaEncoder.encode(numbers, into: self)
        case .int64(let numbers): DeltaEncoder.encode(numbers, into: self)
        default: preconditionFailure("only whole numbers have differences")
        }
    }

    private func appendSplit(_ values: PresentValues, _ layout: ColumnLayout) {
        switch values {
        case .int32(let numbers): append(split: numbers)
        case .int64(let numbers): append(split: numbers)
        case .float(let numbers): append(split: numbers)
        case .double(let numbers): append(split: numbers)
        case .int128(let numbers):
            let rows = PageBuffer(capacity: numbers.count * layout.fixedLength + 1)
            rows.append(bigEndian: numbers, width: layout.fixedLength)
            var bytes: [UInt8] = []
            rows.appendTo(&bytes)
            append(split: bytes[...], width: layout.fixedLength)
        case .boolean, .texts, .dictionary: preconditionFailure("only numbers are split")
        }
    }

    /// Booleans as runs, behind their length.
    private func appendRuns(_ values: PresentValues) {
        guard case .boolean(let words, let count) = values else { return }
        let start = self.count
        append(little: 0)
        let bits = (0..<count).map { UInt8(truncatingIfNeeded: words[$0 / 64] &>> UInt64($0 & 63) & 1) }
        append(hybrid: bits[...], width: 1)
        replace(at: start, little: UInt32(self.count - start - 4))
    }

    private func appendPlain(_ values: PresentValues, _ layout: ColumnLayout) {
        switch values {
        case .boolean(let words, let count):
            append(plain: words[..<(count / 64)])
            for byte in (count / 64 * 8)..<((count + 7) / 8) {
                append(UInt8(truncatingIfNeeded: words[byte / 8] &>> UInt64(8 * (byte & 7))))
            }
        case .int32(let numbers): append(plain: numbers)
        case .int64(let numbers): append(plain: numbers)
        case .int128(let numbers): append(bigEndian: numbers, width: layout.fixedLength)
        case .float(let numbers): append(plain: numbers)
        case .double(let numbers): append(plain: numbers)
        case .texts(let offsets, let bytes): append(plain: offsets, bytes: bytes)
        case .dictionary: preconditionFailure("texts of a dictionary are taken out before")
        }
    }
}
