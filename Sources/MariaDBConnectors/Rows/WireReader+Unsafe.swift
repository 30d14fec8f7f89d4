#if MariaDB
/// Walks over the values of a row; never past `end`, which lies in the same packet as `next`.
@safe
struct WireReader {
    var next: UnsafeRawPointer
    let end: UnsafeRawPointer

    init(next: UnsafeRawPointer, end: UnsafeRawPointer) {
        unsafe self.next = next
        unsafe self.end = end
    }

    /// The bytes that are left.
    @inline(__always)
    var left: Int { unsafe end - next }

    /// Reads a little-endian integer.
    @inline(__always)
    mutating func read<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type
    ) throws(RowDecoder.Failure) -> Value {
        guard left >= MemoryLayout<Value>.size else { throw .malformed }
        let value = unsafe Value(littleEndian: next.loadUnaligned(as: Value.self))
        unsafe next += MemoryLayout<Value>.size
        return value
    }

    /// Reads a length and checks that as many bytes follow.
    @inline(__always)
    mutating func readLength() throws(RowDecoder.Failure) -> Int {
        let first = try read(UInt8.self)
        let length = first < 251 ? Int(first) : try readLongLength(first)
        guard left >= length else { throw .malformed }
        return length
    }

    @inline(never)
    private mutating func readLongLength(_ first: UInt8) throws(RowDecoder.Failure) -> Int {
        switch first {
        case 252: return Int(try read(UInt16.self))
        case 253:
            let low = try read(UInt16.self)
            return Int(low) | Int(try read(UInt8.self)) << 16
        case 254:
            guard let length = Int(exactly: try read(UInt64.self)) else { throw .malformed }
            return length
        default: throw .malformed
        }
    }

    /// Passes over bytes that `readLength` has checked, and returns where they begin.
    @inline(__always)
    mutating func skip(_ count: Int) -> UnsafeRawPointer {
        let start = unsafe next
        unsafe next += count
        return unsafe start
    }

    /// Reads an integer of some width.
    mutating func readInteger(width: Int, isUnsigned: Bool) throws(RowDecoder.Failure) -> Int128 {
        switch (width, isUnsigned) {
        case (1, false): Int128(try read(Int8.self))
        case (1, true): Int128(try read(UInt8.self))
        case (2, false): Int128(try read(Int16.self))
        case (2, true): Int128(try read(UInt16.self))
        case (4, false): Int128(try read(Int32.self))
        case (4, true): Int128(try read(UInt32.self))
        case (8, false): Int128(try read(Int64.self))
        default: Int128(try read(UInt64.self))
        }
    }

    /// Reads a date as days since 1970; nil for one that the calendar lacks.
    mutating func readDate(_ last: inout LastDate) throws(RowDecoder.Failure) -> Int32? {
        let length = try readLength()
        guard length == 4 || length == 7 || length == 11 else {
            if length == 0 { return nil }
            throw .malformed
        }
        let date = unsafe skip(length)
        return unsafe last.days(date).map { Int32(truncatingIfNeeded: $0) }
    }

    /// Reads a date and time as microseconds since 1970; nil for a date that the calendar lacks.
    @inline(__always)
    mutating func readDateTime(_ last: inout LastDate) throws(RowDecoder.Failure) -> Int64? {
        let length = try readLength()
        guard length == 4 || length == 7 || length == 11 else {
            if length == 0 { return nil }
            throw .malformed
        }
        // All `length` bytes are there: year, month, day, hour, minute, second, microsecond.
        let value = unsafe skip(length)
        var time: Int64 = 0
        if length >= 7 {
            let clock = unsafe UInt32(littleEndian: value.loadUnaligned(fromByteOffset: 3, as: UInt32.self))
            let (hour, minute, second) = (clock &>> 8 & 0xFF, clock &>> 16 & 0xFF, clock &>> 24)
            guard hour < 24 && minute < 60 && second < 60 else { throw .malformed }
            time = Int64(hour &* 3600 &+ minute &* 60 &+ second) &* 1_000_000
            if length == 11 {
                let fraction = unsafe UInt32(
                    littleEndian: value.loadUnaligned(fromByteOffset: 7, as: UInt32.self)
                )
                guard fraction < 1_000_000 else { throw .malformed }
                time &+= Int64(fraction)
            }
        }
        guard let days = unsafe last.days(value) else { return nil }
        return Int64(days) &* 86_400_000_000 &+ time
    }

    /// Reads a duration as microseconds.
    mutating func readTime() throws(RowDecoder.Failure) -> Int64 {
        let length = try readLength()
        if length == 0 { return 0 }
        guard length == 8 || length == 12 else { throw .malformed }
        let isNegative = try read(UInt8.self) != 0
        let days = try read(UInt32.self)
        let hour = try read(UInt8.self)
        let minute = try read(UInt8.self)
        let second = try read(UInt8.self)
        let fraction = length == 12 ? try read(UInt32.self) : 0
        // The longest duration is 838:59:59.999999, which is less than 35 days.
        guard days < 35 && hour < 24 && minute < 60 && second < 60 && fraction < 1_000_000 else {
            throw .malformed
        }
        let seconds = (Int64(days) * 24 + Int64(hour)) * 3600 + Int64(minute) * 60 + Int64(second)
        let time = seconds * 1_000_000 + Int64(fraction)
        return isNegative ? -time : time
    }

    /// Whether a calendar has a date; the year 0 is in none that readers of the lake share.
    @inline(__always)
    static func isPossible(year: Int, month: Int, day: Int) -> Bool {
        year >= 1 && month >= 1 && month <= 12 && day >= 1 && (day <= 28 || day <= days(of: month, in: year))
    }

    private static func days(of month: Int, in year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// The date that a column had last, for rows that lie near each other often share it.
struct LastDate {
    /// Year, month and day as the wire has them; zero is in no calendar.
    private var bytes: UInt32 = 0
    private var days = 0

    /// Days since 1970 of the four bytes at `date`; nil when month or day is missing or the month has no such day.
    @inline(__always)
    mutating func days(_ date: UnsafeRawPointer) -> Int? {
        let bytes = unsafe UInt32(littleEndian: date.loadUnaligned(as: UInt32.self))
        if bytes == self.bytes && bytes != 0 { return days }
        let (year, month, day) = (Int(bytes & 0xFFFF), Int(bytes &>> 16 & 0xFF), Int(bytes &>> 24))
        guard WireReader.isPossible(year: year, month: month, day: day) else { return nil }
        self.bytes = bytes
        days = CalendarTime.days(year: year, month: month, day: day)
        return days
    }
}
#endif
