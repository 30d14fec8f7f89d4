#if MariaDB
import ColumnBatches
import SourceConnectors

/// Decodes the rows of the binary protocol into columns.
///
/// A packet is read within its length only: every value is preceded by a check that its bytes are there. The
/// slots are owned by this object and hold `capacity` rows; a row is refused once they are full.
@safe
final class RowDecoder {
    /// Why a row cannot be decoded.
    enum Failure: Error, Hashable {
        /// The packet does not have the form of a row.
        case malformed
        /// The calendar has no such date.
        case zeroDate(column: Int)
        /// The value does not fit the type.
        case outOfRange(column: Int)
        /// A geometry has a reference system, for which there is no room.
        case referenceSystem(column: Int)
    }

    /// How one column is decoded.
    struct Plan {
        var column: WireColumn
        var operation: WireOperation
        var type: ColumnType
        var policy = ValuePolicy()
    }

    /// The rows decoded since the last batch.
    private(set) var rowCount = 0
    /// What could not be represented since the last batch, with the rows that are missing a value for it.
    private(set) var defects: [(row: Int, failure: Failure)] = []
    /// The bytes of texts since the last batch.
    private(set) var byteCount = 0
    let capacity: Int
    private let setsDefectsAside: Bool
    private let types: [ColumnType]
    private let slots: UnsafeMutableBufferPointer<ColumnSlot>

    init(columns: [Plan], capacity: Int, setsDefectsAside: Bool = false) {
        self.capacity = capacity
        self.setsDefectsAside = setsDefectsAside
        types = columns.map(\.type)
        unsafe slots = .allocate(capacity: columns.count)
        for (index, plan) in columns.enumerated() {
            unsafe slots.initializeElement(at: index, to: ColumnSlot(plan, capacity: capacity))
        }
    }

    deinit {
        for index in types.indices { unsafe slots[index].deallocate() }
        unsafe slots.deinitialize()
        unsafe slots.deallocate()
    }

    /// The number of missing values of a column since the last batch.
    func nullCount(_ column: Int) -> Int { unsafe slots[column].nullCount }

    /// The number of dates of a column, since the last call, that no calendar has.
    func takeImpossibleDates(_ column: Int) -> Int {
        let count = unsafe slots[column].impossibleDates
        unsafe slots[column].impossibleDates = 0
        return count
    }

    /// The rows since the last batch as columns; the decoder starts anew.
    func takeColumns() -> [Column] {
        var columns: [Column] = []
        for index in types.indices {
            unsafe columns.append(slots[index].column(types[index], rows: rowCount))
            unsafe slots[index].reset()
        }
        rowCount = 0
        byteCount = 0
        defects = []
        return columns
    }

    /// Decodes one row.
    ///
    /// - Precondition: `packet` has `length` bytes.
    func decode(_ packet: UnsafeRawPointer, length: Int) throws(Failure) {
        let count = unsafe slots.count
        let bitmapEnd = 1 + (count + 9) / 8
        guard rowCount < capacity, length >= bitmapEnd, unsafe packet.load(as: UInt8.self) == 0 else {
            throw .malformed
        }
        guard let slots = unsafe slots.baseAddress else { return }
        let row = rowCount
        var reader = unsafe WireReader(next: packet + bitmapEnd, end: packet + length)
        var texts = 0
        for index in 0..<count {
            let slot = unsafe slots + index
            let bit = index + 2
            if unsafe packet.load(fromByteOffset: 1 + (bit &>> 3), as: UInt8.self) & (1 &<< UInt8(bit & 7))
                != 0
            {
                unsafe appendNull(slot, row)
                continue
            }
            switch unsafe slot.pointee.operation {
            case .int8To32: unsafe slot.put(Int32(try reader.read(Int8.self)), row)
            case .uint8To32: unsafe slot.put(Int32(try reader.read(UInt8.self)), row)
            case .int16To32: unsafe slot.put(Int32(try reader.read(Int16.self)), row)
            case .uint16To32: unsafe slot.put(Int32(try reader.read(UInt16.self)), row)
            case .int32To32: unsafe slot.put(try reader.read(Int32.self), row)
            case .int8To64: unsafe slot.put(Int64(try reader.read(Int8.self)), row)
            case .uint8To64: unsafe slot.put(Int64(try reader.read(UInt8.self)), row)
            case .int16To64: unsafe slot.put(Int64(try reader.read(Int16.self)), row)
            case .uint16To64: unsafe slot.put(Int64(try reader.read(UInt16.self)), row)
            case .int32To64: unsafe slot.put(Int64(try reader.read(Int32.self)), row)
            case .uint32To64: unsafe slot.put(Int64(try reader.read(UInt32.self)), row)
            case .int64To64: unsafe slot.put(try reader.read(Int64.self), row)
            case .float: unsafe slot.put(Float(bitPattern: try reader.read(UInt32.self)), row)
            case .floatToDouble: unsafe slot.put(Double(Float(bitPattern: try reader.read(UInt32.self))), row)
            case .double: unsafe slot.put(Double(bitPattern: try reader.read(UInt64.self)), row)
            case .text:
                let length = try reader.readLength()
                texts &+= length
                unsafe slot.putText(reader.skip(length), length, row)
            case .bytes:
                let length = try reader.readLength()
                texts &+= length
                unsafe slot.putBytes(reader.skip(length), length, row)
            case .date:
                guard let days = try unsafe reader.readDate(&slot.pointee.lastDate) else {
                    try unsafe zeroDate(slot, row, index)
                    continue
                }
                unsafe slot.put(days, row)
            case .dateTime:
                guard let time = try unsafe reader.readDateTime(&slot.pointee.lastDate) else {
                    try unsafe zeroDate(slot, row, index)
                    continue
                }
                unsafe slot.put(time, row)
            case .time: unsafe slot.put(try reader.readTime(), row)
            case .decimal64:
                let length = try reader.readLength()
                let scale = unsafe slot.pointee.scale
                guard let value = unsafe DecimalText.parse64(reader.skip(length), length, scale: scale),
                    unsafe value.magnitude < slot.pointee.limit
                else {
                    try unsafe refuse(slot, row, .outOfRange(column: index))
                    continue
                }
                unsafe slot.put(value, row)
            default:
                try unsafe decodeRare(slot, row, index, &reader)
            }
        }
        guard unsafe reader.next == reader.end else { throw .malformed }
        byteCount &+= texts
        rowCount = row + 1
    }

    /// The operations that few columns need, out of the loop's way.
    @inline(never)
    private func decodeRare(
        _ slot: UnsafeMutablePointer<ColumnSlot>,
        _ row: Int,
        _ index: Int,
        _ reader: inout WireReader
    ) throws(Failure) {
        switch unsafe slot.pointee.operation {
        case .decimal128:
            let length = try reader.readLength()
            let scale = unsafe slot.pointee.scale
            guard let value = unsafe DecimalText.parse128(reader.skip(length), length, scale: scale),
                unsafe value.magnitude < slot.pointee.limit
            else { return try unsafe refuse(slot, row, .outOfRange(column: index)) }
            unsafe slot.put(value, row)
        case .integerToDecimal64, .integerToDecimal128:
            var value = try unsafe reader.readInteger(
                width: slot.pointee.width,
                isUnsigned: slot.pointee.isUnsigned
            )
            for _ in unsafe 0..<slot.pointee.scale {
                let (product, overflow) = value.multipliedReportingOverflow(by: 10)
                if overflow { return try unsafe refuse(slot, row, .outOfRange(column: index)) }
                value = product
            }
            guard unsafe value.magnitude < slot.pointee.limit else {
                return try unsafe refuse(slot, row, .outOfRange(column: index))
            }
            if unsafe slot.pointee.operation == .integerToDecimal64 {
                unsafe slot.put(Int64(truncatingIfNeeded: value), row)
            } else {
                unsafe slot.put(value, row)
            }
        case .integerToDouble:
            let value = try unsafe reader.readInteger(
                width: slot.pointee.width,
                isUnsigned: slot.pointee.isUnsigned
            )
            unsafe slot.put(Double(value), row)
        case .integerToBoolean:
            let value = try unsafe reader.readInteger(
                width: slot.pointee.width,
                isUnsigned: slot.pointee.isUnsigned
            )
            guard value == 0 || value == 1 else {
                return try unsafe refuse(slot, row, .outOfRange(column: index))
            }
            if value == 1 { unsafe slot.setBit(row) }
        case .bitsToBoolean, .bitsTo64, .bitsToDecimal128:
            let length = try reader.readLength()
            guard length <= 8 else { throw .malformed }
            let bytes = unsafe reader.skip(length)
            var value: UInt64 = 0
            for offset in 0..<length {
                value = unsafe value << 8 | UInt64(bytes.load(fromByteOffset: offset, as: UInt8.self))
            }
            switch unsafe slot.pointee.operation {
            case .bitsToBoolean: if value & 1 == 1 { unsafe slot.setBit(row) }
            case .bitsTo64: unsafe slot.put(Int64(truncatingIfNeeded: value), row)
            default: unsafe slot.put(Int128(value), row)
            }
        case .shiftedDateTime:
            guard let time = try unsafe reader.readDateTime(&slot.pointee.lastDate) else {
                return try unsafe zeroDate(slot, row, index)
            }
            // An hour's shift cannot leave the range of the integer, but it can leave the years 1 to 9999.
            let instant = unsafe time - slot.pointee.shift
            guard CalendarTime(microseconds: instant) != nil else {
                return try unsafe refuse(slot, row, .outOfRange(column: index))
            }
            unsafe slot.put(instant, row)
        case .dateText, .dateTimeText, .timeText:
            let digits = unsafe slot.pointee.scale
            let text: WireText
            switch unsafe slot.pointee.operation {
            case .dateText: text = try reader.readDateText()
            case .dateTimeText: text = try reader.readDateTimeText(digits: digits)
            default: text = try reader.readTimeText(digits: digits)
            }
            if !text.isPossible { unsafe slot.pointee.impossibleDates &+= 1 }
            unsafe text.bytes.withUnsafeBytes { bytes in
                if let start = bytes.baseAddress { unsafe slot.putBytes(start, bytes.count, row) }
            }
        case .wellKnownBinary:
            let length = try reader.readLength()
            guard length >= 4 else { throw .malformed }
            let bytes = unsafe reader.skip(length)
            guard unsafe bytes.loadUnaligned(as: UInt32.self) == 0 else {
                return try unsafe refuse(slot, row, .referenceSystem(column: index))
            }
            unsafe slot.putBytes(bytes + 4, length - 4, row)
        default:
            throw .malformed
        }
    }

    @inline(__always)
    private func appendNull(_ slot: UnsafeMutablePointer<ColumnSlot>, _ row: Int) {
        unsafe slot.pointee.nullCount &+= 1
        unsafe slot.pointee.validity[row &>> 6] &= ~(1 &<< UInt64(row & 63))
        switch unsafe slot.pointee.stride {
        case 4:
            // A column of texts repeats the offset; every other one holds zero, as does one of numbers of texts.
            if unsafe slot.pointee.isText && slot.pointee.operation != .text {
                unsafe slot.putBytes(UnsafeRawPointer(slot.pointee.bytes), 0, row)
            } else {
                unsafe slot.put(Int32(0), row)
            }
        case 8: unsafe slot.put(Int64(0), row)
        case 16: unsafe slot.put(Int128(0), row)
        default: break
        }
    }

    /// Ends the read at a value that cannot be represented, or notes it and leaves the row without one.
    @inline(never)
    private func refuse(
        _ slot: UnsafeMutablePointer<ColumnSlot>,
        _ row: Int,
        _ failure: Failure
    ) throws(Failure) {
        guard setsDefectsAside else { throw failure }
        defects.append((row, failure))
        unsafe appendNull(slot, row)
    }

    private func zeroDate(
        _ slot: UnsafeMutablePointer<ColumnSlot>,
        _ row: Int,
        _ index: Int
    ) throws(Failure) {
        guard unsafe slot.pointee.nullsImpossibleDates else {
            return try unsafe refuse(slot, row, .zeroDate(column: index))
        }
        unsafe slot.pointee.impossibleDates &+= 1
        unsafe appendNull(slot, row)
    }
}

extension UnsafeMutablePointer<ColumnSlot> {
    /// Writes a value of the slot's stride; the caller has checked that `row` is below the capacity.
    @inline(__always)
    fileprivate func put<Value: BitwiseCopyable>(_ value: Value, _ row: Int) {
        unsafe pointee.values.storeBytes(
            of: value,
            toByteOffset: row &* MemoryLayout<Value>.stride,
            as: Value.self
        )
    }

    /// Sets the bit of a boolean column, whose words were zero.
    fileprivate func setBit(_ row: Int) {
        let words = unsafe pointee.values.assumingMemoryBound(to: UInt64.self)
        unsafe words[row &>> 6] |= 1 &<< UInt64(row & 63)
    }

    /// Writes the number of a text, or from where the column is given up, the text.
    @inline(__always)
    fileprivate func putText(_ source: UnsafeRawPointer, _ length: Int, _ row: Int) {
        if let number = unsafe pointee.interner?.number(source, length) {
            unsafe put(number, row)
        } else {
            unsafe pointee.giveUpInterning(rows: row)
            unsafe putBytes(source, length, row)
        }
    }

    /// Adds bytes and the offset of their end; a batch is cut long before offsets could pass 32 bits.
    @inline(__always)
    fileprivate func putBytes(_ source: UnsafeRawPointer, _ length: Int, _ row: Int) {
        let start = unsafe pointee.byteCount
        if unsafe pointee.byteCapacity &- start < length { unsafe pointee.grow(by: length) }
        unsafe UnsafeMutableRawPointer(pointee.bytes + start).copyMemory(from: source, byteCount: length)
        unsafe pointee.byteCount = start &+ length
        unsafe put(Int32(truncatingIfNeeded: start &+ length), row &+ 1)
    }
}
#endif
