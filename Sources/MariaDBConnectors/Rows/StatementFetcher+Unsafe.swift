#if MariaDB
import CMariaDB
import ColumnBatches
import SourceConnectors

/// Reads the rows of a statement by the library's own functions, and writes each as the packet that it came from.
///
/// This is the portable way: it needs nothing of the library but what it documents, and is used where the self-test of
/// the fast way fails. The decoder is the same for both. All memory is owned by this object: a buffer of 40 bytes for
/// each column, which holds any number and any time, the lengths and null flags that the library writes, and the packet.
@safe
final class StatementFetcher {
    private static let bufferSize = 40

    private let statement: UnsafeMutablePointer<MYSQL_STMT>
    private let columns: [WireColumn]
    private let buffers: UnsafeMutableRawPointer
    private let lengths: UnsafeMutablePointer<UInt>
    private let nulls: UnsafeMutablePointer<my_bool>
    private let binds: UnsafeMutablePointer<MYSQL_BIND>
    private var packet: [UInt8] = []
    private var text: [UInt8] = []

    /// Binds the columns of a statement that has been executed; nil when the library refuses.
    ///
    /// - Precondition: the statement outlives this object.
    init?(_ statement: UnsafeMutablePointer<MYSQL_STMT>, columns: [WireColumn]) {
        unsafe self.statement = statement
        self.columns = columns
        let count = max(1, columns.count)
        unsafe buffers = .allocate(byteCount: count * Self.bufferSize, alignment: 16)
        unsafe buffers.initializeMemory(as: UInt8.self, repeating: 0, count: count * Self.bufferSize)
        unsafe lengths = .allocate(capacity: count)
        unsafe lengths.initialize(repeating: 0, count: count)
        unsafe nulls = .allocate(capacity: count)
        unsafe nulls.initialize(repeating: 0, count: count)
        unsafe binds = .allocate(capacity: count)
        for (index, column) in columns.enumerated() {
            unsafe (binds + index).initialize(
                to: tributary_result_column(
                    column.fetchType,
                    buffers + index * Self.bufferSize,
                    column.isFetchedByLength ? 0 : UInt(Self.bufferSize),
                    lengths + index,
                    nulls + index,
                    column.isUnsigned ? 1 : 0
                )
            )
        }
        guard unsafe mysql_stmt_bind_result(statement, binds) == 0 else { return nil }
    }

    deinit {
        unsafe buffers.deallocate()
        unsafe lengths.deallocate()
        unsafe nulls.deallocate()
        unsafe binds.deallocate()
    }

    /// The next row as a packet, which is valid until the next call.
    func next() -> PacketReader.Packet {
        switch unsafe mysql_stmt_fetch(statement) {
        case 0, MYSQL_DATA_TRUNCATED: break
        case MYSQL_NO_DATA: return .end
        default: return failure()
        }
        packet.removeAll(keepingCapacity: true)
        packet.append(contentsOf: repeatElement(0, count: 1 + (columns.count + 9) / 8))
        for index in columns.indices {
            if unsafe nulls[index] != 0 {
                packet[1 + (index + 2) / 8] |= 1 << UInt8((index + 2) % 8)
            } else if !append(index) {
                return failure()
            }
        }
        return unsafe packet.withUnsafeBufferPointer { bytes in
            // The array is not changed before the next call, so its memory stays where it is until then.
            guard let start = bytes.baseAddress else { return failure() }
            return unsafe .row(UnsafeRawPointer(start), length: bytes.count)
        }
    }

    /// What went wrong; an error that comes amid the rows is the connection's and not the statement's.
    private func failure() -> PacketReader.Packet {
        guard unsafe mysql_stmt_errno(statement) != 0 else { return .failed }
        return unsafe .serverError(
            ServerFailure(
                number: Int(mysql_stmt_errno(statement)),
                text: String(cString: mysql_stmt_error(statement))
            )
        )
    }

    /// Adds a value as the protocol writes it; false when the library cannot fetch it.
    private func append(_ index: Int) -> Bool {
        let buffer = unsafe buffers + index * Self.bufferSize
        switch columns[index].kind {
        case .integer(let width): unsafe append(buffer, width)
        case .float: unsafe append(buffer, 4)
        case .double: unsafe append(buffer, 8)
        case .date, .dateTime, .timestamp: append(dateTime: unsafe buffer.load(as: MYSQL_TIME.self))
        case .time: append(time: unsafe buffer.load(as: MYSQL_TIME.self))
        case .decimal, .bits, .text, .bytes, .unknown: return appendText(index)
        }
        return true
    }

    /// Adds bytes of a buffer, which has 40; numbers lie there with their least byte first.
    private func append(_ buffer: UnsafeMutableRawPointer, _ count: Int) {
        unsafe packet.append(contentsOf: UnsafeRawBufferPointer(start: buffer, count: count))
    }

    private func append(dateTime time: MYSQL_TIME) {
        packet.append(11)
        packet += [UInt8(time.year & 255), UInt8(time.year >> 8 & 255), UInt8(time.month), UInt8(time.day)]
        packet += [UInt8(time.hour), UInt8(time.minute), UInt8(time.second)]
        append(UInt32(truncatingIfNeeded: time.second_part))
    }

    private func append(time: MYSQL_TIME) {
        packet += [12, time.neg != 0 ? 1 : 0]
        append(UInt32(time.day) + UInt32(time.hour) / 24)
        packet += [UInt8(time.hour % 24), UInt8(time.minute), UInt8(time.second)]
        append(UInt32(truncatingIfNeeded: time.second_part))
    }

    private func append(_ number: UInt32) {
        for shift: UInt32 in [0, 8, 16, 24] { packet.append(UInt8(number >> shift & 255)) }
    }

    /// Fetches the bytes of a value, whose length the library has told, and adds both.
    private func appendText(_ index: Int) -> Bool {
        let length = unsafe Int(lengths[index])
        text.removeAll(keepingCapacity: true)
        text.append(contentsOf: repeatElement(0, count: length))
        if length > 0 {
            let column = columns[index]
            let isFetched = unsafe text.withUnsafeMutableBytes { target in
                var told: UInt = 0
                var isNull: my_bool = 0
                var bind = unsafe tributary_result_column(
                    column.fetchType,
                    target.baseAddress,
                    UInt(length),
                    &told,
                    &isNull,
                    0
                )
                return unsafe mysql_stmt_fetch_column(statement, &bind, UInt32(index), 0) == 0
            }
            guard isFetched else { return false }
        }
        packet.append(254)
        append(UInt32(truncatingIfNeeded: length))
        append(UInt32(truncatingIfNeeded: length >> 32))
        packet += text
        return true
    }
}

extension WireColumn {
    /// Whether a value is fetched once its length is known.
    fileprivate var isFetchedByLength: Bool {
        switch kind {
        case .decimal, .bits, .text, .bytes, .unknown: true
        default: false
        }
    }

    /// The type as which the library hands a value over.
    fileprivate var fetchType: enum_field_types {
        switch kind {
        case .integer: MYSQL_TYPE_LONGLONG
        case .float: MYSQL_TYPE_FLOAT
        case .double: MYSQL_TYPE_DOUBLE
        case .date: MYSQL_TYPE_DATE
        case .dateTime: MYSQL_TYPE_DATETIME
        case .timestamp: MYSQL_TYPE_TIMESTAMP
        case .time: MYSQL_TYPE_TIME
        case .decimal: MYSQL_TYPE_STRING
        case .bits, .text, .bytes, .unknown: MYSQL_TYPE_BLOB
        }
    }
}
#endif
