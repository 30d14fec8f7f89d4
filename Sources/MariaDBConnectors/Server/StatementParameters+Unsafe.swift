#if MariaDB
import CMariaDB
import ColumnBatches
import SourceConnectors

/// A value that is bound to a placeholder of a statement.
enum Parameter: Sendable, Hashable {
    case integer(Int64)
    case double(Double)
    case text(String)
    case bytes([UInt8])
    /// Microseconds since 1970 on the clock of the session, which is UTC for instants.
    case dateTime(Int64)
    /// Days since 1970.
    case date(Int32)
}

/// The bound values of a statement, in memory that lives as long as this object.
///
/// Every buffer is allocated here with the size that the library is told, and freed in `deinit`.
@safe
final class StatementParameters {
    private var binds: [MYSQL_BIND] = unsafe []
    private var buffers: [UnsafeMutableRawPointer] = unsafe []

    init(_ parameters: [Parameter]) throws {
        for parameter in parameters { try add(parameter) }
    }

    deinit {
        for index in unsafe buffers.indices { unsafe buffers[index].deallocate() }
    }

    /// Binds the values to a statement that is not prepared yet.
    func bind(to statement: UnsafeMutablePointer<MYSQL_STMT>) -> Bool {
        if unsafe binds.isEmpty { return true }
        guard unsafe tributary_prebind(statement, UInt32(binds.count)) == 0 else { return false }
        return unsafe binds.withUnsafeMutableBufferPointer {
            unsafe mysql_stmt_bind_param(statement, $0.baseAddress) == 0
        }
    }

    private func add(_ parameter: Parameter) throws {
        switch parameter {
        case .integer(let number): addValue(MYSQL_TYPE_LONGLONG, number)
        case .double(let number): addValue(MYSQL_TYPE_DOUBLE, number)
        case .text(let text): addBytes(MYSQL_TYPE_VAR_STRING, Array(text.utf8))
        case .bytes(let bytes): addBytes(MYSQL_TYPE_BLOB, bytes)
        case .dateTime(let microseconds):
            guard let time = CalendarTime(microseconds: microseconds) else {
                throw SourceError(.invalid, message: "a bound lies outside the years 1 to 9999")
            }
            addValue(MYSQL_TYPE_DATETIME, time.wire(isDate: false))
        case .date(let days):
            guard let time = CalendarTime(microseconds: Int64(days) * 86_400_000_000) else {
                throw SourceError(.invalid, message: "a date lies outside the years 1 to 9999")
            }
            addValue(MYSQL_TYPE_DATE, time.wire(isDate: true))
        }
    }

    private func addValue<Value>(_ type: enum_field_types, _ value: Value) {
        let buffer = UnsafeMutableRawPointer.allocate(
            byteCount: MemoryLayout<Value>.size,
            alignment: MemoryLayout<Value>.alignment
        )
        unsafe buffer.storeBytes(of: value, as: Value.self)
        unsafe buffers.append(buffer)
        unsafe binds.append(tributary_parameter(type, buffer, UInt(MemoryLayout<Value>.size)))
    }

    private func addBytes(_ type: enum_field_types, _ bytes: [UInt8]) {
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
        unsafe buffer.copyMemory(from: bytes, byteCount: bytes.count)
        unsafe buffers.append(buffer)
        unsafe binds.append(tributary_parameter(type, buffer, UInt(bytes.count)))
    }
}

extension CalendarTime {
    fileprivate func wire(isDate: Bool) -> MYSQL_TIME {
        tributary_time(
            UInt32(year),
            UInt32(month),
            UInt32(day),
            UInt32(hour),
            UInt32(minute),
            UInt32(second),
            UInt(microsecond),
            isDate ? 1 : 0
        )
    }
}
#endif
