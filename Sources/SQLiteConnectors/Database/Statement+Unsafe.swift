#if SQLite
import CSQLite
import ColumnBatches
import SourceConnectors

/// A value as it is bound to a statement.
enum Parameter: Sendable, Hashable {
    case integer(Int64)
    case double(Double)
    case text(String)
}

/// A statement and its current row.
///
/// The pointer is this object's alone. The bytes of a value are valid until the statement moves on, and are handed
/// out only for the length of a call, in which nothing can move it.
@safe final class Statement {
    /// How a value is stored.
    enum Storage {
        case integer, real, text, blob, null
    }

    private let database: Database
    private let handle: OpaquePointer

    init(_ sql: String, _ parameters: [Parameter] = [], on database: Database) throws(SourceError) {
        self.database = database
        unsafe handle = try database.prepare(sql)
        for (index, parameter) in parameters.enumerated() {
            let place = Int32(index + 1)
            let result =
                switch parameter {
                case .integer(let number): unsafe sqlite3_bind_int64(handle, place, number)
                case .double(let number): unsafe sqlite3_bind_double(handle, place, number)
                case .text(let text):
                    unsafe tributary_sqlite_bind_text(handle, place, text, UInt64(text.utf8.count))
                }
            guard result == SQLITE_OK else { throw database.failure(result) }
        }
    }

    deinit { _ = unsafe sqlite3_finalize(handle) }

    /// Moves to the next row; false after the last one.
    func step() throws(SourceError) -> Bool {
        switch unsafe sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let result: throw database.failure(result)
        }
    }

    /// The number of columns.
    var columnCount: Int { Int(unsafe sqlite3_column_count(handle)) }

    /// The type that a result column was declared with; nil for an expression, and for a column without a type.
    func declaredType(_ column: Int) -> String? {
        unsafe sqlite3_column_decltype(handle, Int32(column)).map { unsafe String(cString: $0) }
    }

    /// How a value of the current row is stored.
    func storage(_ column: Int) -> Storage {
        switch unsafe sqlite3_column_type(handle, Int32(column)) {
        case SQLITE_INTEGER: .integer
        case SQLITE_FLOAT: .real
        case SQLITE_TEXT: .text
        case SQLITE_BLOB: .blob
        default: .null
        }
    }

    /// The integer of a value that is stored as one.
    func integer(_ column: Int) -> Int64 { unsafe sqlite3_column_int64(handle, Int32(column)) }

    /// The number of a value that is stored as one.
    func real(_ column: Int) -> Double { unsafe sqlite3_column_double(handle, Int32(column)) }

    /// The bytes of a text or a blob, for the length of the call.
    func withBytes<Result>(_ column: Int, _ body: (Span<UInt8>) throws(SourceError) -> Result)
        throws(SourceError)
        -> Result
    {
        // The pointer must be asked for before the length: asking may convert the text.
        let pointer = unsafe sqlite3_column_blob(handle, Int32(column))
        let count = Int(unsafe sqlite3_column_bytes(handle, Int32(column)))
        let bytes = unsafe UnsafeBufferPointer(
            start: pointer?.assumingMemoryBound(to: UInt8.self),
            count: pointer == nil ? 0 : count
        )
        return try body(unsafe Span(_unsafeElements: bytes))
    }

    /// The text of a value, for catalogues; empty for what is not text.
    func text(_ column: Int) -> String {
        guard storage(column) == .text else { return "" }
        return
            (try? withBytes(column) { bytes throws(SourceError) in
                String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
            }) ?? ""
    }
}
#endif
