/// Numbers of few bits, the least significant bit first.
///
/// Every loop writes whole words into the room that `grow` reserved; the last word may pass the written bytes by at
/// most eight, which is the slack.
extension PageBuffer {
    /// Numbers of `width` bits each, at most 64; the last byte is filled with zeros.
    func append(packed values: UnsafeBufferPointer<UInt64>, width: Int) {
        guard width > 0 else { return }
        var target = unsafe grow(by: (values.count * width + 7) / 8, slack: 8)
        var word: UInt64 = 0
        var used = 0
        for index in values.indices {
            let value = unsafe values[index]
            word |= value &<< UInt64(truncatingIfNeeded: used)
            used &+= width
            if used >= 64 {
                unsafe target.storeBytes(of: word.littleEndian, as: UInt64.self)
                unsafe target += 8
                used &-= 64
                word = used == 0 ? 0 : value &>> UInt64(truncatingIfNeeded: width &- used)
            }
        }
        if used > 0 { unsafe target.storeBytes(of: word.littleEndian, as: UInt64.self) }
    }

    /// Numbers of `width` bits each, at most 32, in groups of eight; the last group is filled with zeros.
    @inline(__always)
    func append<Number: FixedWidthInteger>(groups values: UnsafeBufferPointer<Number>, width: Int) {
        guard width > 0 else { return }
        let padded = (values.count + 7) / 8 * 8
        var target = unsafe grow(by: padded * width / 8, slack: 8)
        var word: UInt64 = 0
        var used = 0
        for index in values.indices {
            word |= unsafe UInt64(truncatingIfNeeded: values[index]) &<< UInt64(truncatingIfNeeded: used)
            used &+= width
            if used >= 32 {
                unsafe target.storeBytes(of: UInt32(truncatingIfNeeded: word).littleEndian, as: UInt32.self)
                unsafe target += 4
                word &>>= 32
                used &-= 32
            }
        }
        var rest = (padded - values.count) * width + used
        while rest > 0 {
            unsafe target.storeBytes(of: UInt8(truncatingIfNeeded: word), as: UInt8.self)
            unsafe target += 1
            word &>>= 8
            rest -= 8
        }
    }
}
