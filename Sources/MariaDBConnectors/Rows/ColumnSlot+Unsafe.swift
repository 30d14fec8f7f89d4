#if MariaDB
import ColumnBatches
import SourceConnectors

/// Where the values of one column are gathered until a batch is full.
///
/// A slot owns its memory, which `deallocate` frees: room for `capacity` values, for as many validity bits, and
/// for a text column's bytes, which grow.
@safe
struct ColumnSlot {
    var operation: WireOperation
    /// Finds texts that repeat; nil for columns of other operations, and once it has been given up.
    var interner: TextInterner?
    /// Whether the values are offsets into `bytes`.
    let isText: Bool
    /// Whether the wire's integer has no sign, and the bytes it takes; for the general operations.
    let isUnsigned: Bool
    let width: Int
    /// For decimals: the digits after the point, and the first magnitude that is too large; for texts of times the
    /// digits after the second.
    let scale: Int
    let limit: UInt128
    /// Whether dates that no calendar has are missing values.
    let nullsImpossibleDates: Bool
    /// Microseconds by which a wall clock is ahead of UTC.
    let shift: Int64
    var impossibleDates = 0
    var lastDate = LastDate()
    /// The values, or the offsets of a text column, or the words of a boolean column.
    let values: UnsafeMutableRawPointer
    /// Set bits mark present values; all bits are set until a missing value clears one.
    let validity: UnsafeMutablePointer<UInt64>
    let capacity: Int
    /// The bytes that one value takes in `values`; 0 for booleans.
    let stride: Int
    var bytes: UnsafeMutablePointer<UInt8>
    var byteCapacity: Int
    var byteCount = 0
    var nullCount = 0

    init(_ plan: RowDecoder.Plan, capacity: Int) {
        let (column, type) = (plan.column, plan.type)
        // Few texts are not worth a table of them.
        let interns = plan.operation == .text && capacity > 64
        operation = plan.operation == .text && !interns ? .bytes : plan.operation
        interner = interns ? TextInterner() : nil
        isText = type.storage == .bytes
        nullsImpossibleDates = plan.policy.impossibleDates != .fail
        shift =
            plan.policy.wallClockOffset.map {
                $0.components.seconds * 1_000_000 + $0.components.attoseconds / 1_000_000_000_000
            } ?? 0
        self.capacity = capacity
        isUnsigned = column.isUnsigned
        if case .integer(let width) = column.kind { self.width = width } else { width = 0 }
        if case .decimal(let precision, let scale) = type {
            self.scale = scale
            limit = (0..<precision).reduce(UInt128(1)) { limit, _ in limit * 10 }
        } else {
            scale = column.decimals <= 6 ? column.decimals : 0
            limit = 0
        }
        stride =
            switch type.storage {
            case .boolean: 0
            case .int32, .float, .bytes: 4
            case .int64, .double: 8
            case .int128: 16
            case .list, .structure, .map: preconditionFailure("no column of a server is a \(type)")
            }
        let words = capacity / 64 + 1
        unsafe values = .allocate(byteCount: max(words * 8, stride * (capacity + 1)), alignment: 16)
        unsafe validity = .allocate(capacity: words)
        byteCapacity = type.storage == .bytes ? 16 * capacity + 64 : 0
        unsafe bytes = .allocate(capacity: max(1, byteCapacity))
        reset()
    }

    /// Makes the slot empty.
    mutating func reset() {
        let words = capacity / 64 + 1
        unsafe validity.update(repeating: ~0, count: words)
        // Booleans set single bits; offsets begin with zero.
        unsafe values.initializeMemory(as: UInt64.self, repeating: 0, count: stride == 0 ? words : 1)
        byteCount = 0
        nullCount = 0
    }

    func deallocate() {
        unsafe values.deallocate()
        unsafe validity.deallocate()
        unsafe bytes.deallocate()
        interner?.deallocate()
    }

    /// Keeps texts as they are from now on; the first `rows` values, which are numbers of texts, become texts.
    @inline(never)
    mutating func giveUpInterning(rows: Int) {
        guard let interner else { return }
        let numbers = array(UInt32.self, rows)
        // The offsets of a text column begin with zero, where the first number stood.
        unsafe values.storeBytes(of: 0, as: Int32.self)
        for (row, number) in numbers.enumerated() {
            if unsafe validity[row &>> 6] & (1 &<< UInt64(row & 63)) != 0 {
                unsafe interner.withText(number) { text, length in
                    if byteCapacity - byteCount < length { grow(by: length) }
                    unsafe UnsafeMutableRawPointer(bytes + byteCount).copyMemory(
                        from: text,
                        byteCount: length
                    )
                    byteCount += length
                }
            }
            unsafe values.storeBytes(of: Int32(byteCount), toByteOffset: (row + 1) * 4, as: Int32.self)
        }
        interner.deallocate()
        self.interner = nil
        operation = .bytes
    }

    /// Makes room for bytes at the end of a text column.
    @inline(never)
    mutating func grow(by count: Int) {
        let capacity = max(byteCapacity * 2, byteCount + count)
        let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        unsafe grown.initialize(from: bytes, count: byteCount)
        unsafe bytes.deallocate()
        unsafe bytes = grown
        byteCapacity = capacity
    }

    /// The first values as a column; one copy of the memory.
    ///
    /// - Precondition: `rows` values have been written.
    mutating func column(_ type: ColumnType, rows: Int) -> Column {
        let storage: ColumnStorage =
            switch type.storage {
            case .boolean: .boolean(Bitmap(words: array(UInt64.self, (rows + 63) / 64), count: rows))
            case .int32: .int32(array(Int32.self, rows))
            case .int64: .int64(array(Int64.self, rows))
            case .int128: .int128(array(Int128.self, rows))
            case .float: .float(array(Float.self, rows))
            case .double: .double(array(Double.self, rows))
            case .bytes where interner?.count == 0:
                // Nothing but missing values, for which there is no number.
                .bytes(ByteValues(offsets: Array(repeating: 0, count: rows + 1), bytes: []))
            case .bytes where interner != nil:
                .dictionary(
                    DictionaryValues(
                        indices: array(UInt32.self, rows),
                        dictionary: interner?.texts() ?? ByteValues()
                    )
                )
            case .bytes:
                unsafe .bytes(
                    ByteValues(
                        offsets: array(Int32.self, rows + 1),
                        bytes: Self.array(UnsafeRawPointer(bytes), UInt8.self, byteCount)
                    )
                )
            case .list, .structure, .map: preconditionFailure("no column of a server is a \(type)")
            }
        guard nullCount > 0 else { return Column(type: type, storage: storage) }
        let words = unsafe Self.array(UnsafeRawPointer(validity), UInt64.self, (rows + 63) / 64)
        return Column(type: type, storage: storage, validity: Bitmap(words: words, count: rows))
    }

    private func array<Value: BitwiseCopyable>(_ type: Value.Type, _ count: Int) -> [Value] {
        unsafe Self.array(UnsafeRawPointer(values), type, count)
    }

    private static func array<Value: BitwiseCopyable>(
        _ source: UnsafeRawPointer,
        _ type: Value.Type,
        _ count: Int
    ) -> [Value] {
        // Without room, the standard library writes the count into the array that all empty ones are.
        guard count > 0 else { return [] }
        return unsafe Array(unsafeUninitializedCapacity: count) { buffer, initialized in
            if let target = buffer.baseAddress {
                unsafe UnsafeMutableRawPointer(target)
                    .copyMemory(from: source, byteCount: count * MemoryLayout<Value>.stride)
            }
            initialized = count
        }
    }
}
#endif
