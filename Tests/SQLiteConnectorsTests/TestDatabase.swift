#if SQLite
import CSQLite
import Foundation
import Synchronization

/// A clock that moves when it is told to, in microseconds since 1970.
final class TestClock: Sendable {
    private let time = Mutex<(now: Int64, zone: Int64)>((1_700_000_000_123_000, 0))

    var now: Int64 { time.withLock { $0.now } }

    /// What a clock on the wall shows.
    var wall: Int64 { time.withLock { $0.now + $0.zone } }

    func pass(_ microseconds: Int64) { time.withLock { $0.now += microseconds } }

    func shiftZone(_ microseconds: Int64) { time.withLock { $0.zone += microseconds } }
}

/// A refusal of SQLite.
struct TestDatabaseError: Error {
    var code: Int32
    var message: String
}

/// A connection of a test, made without the connector.
final class TestDatabase {
    enum Value: Equatable {
        case integer(Int64), real(Double), text(String), blob([UInt8]), null
    }

    private var handle: OpaquePointer?
    private let clock: TestClock?

    /// Opens a file, or makes one; with a clock, `strftime` tells its time and nothing else.
    init(_ path: String, clock: TestClock? = nil) throws {
        self.clock = clock
        let result = sqlite3_open(path, &handle)
        guard result == SQLITE_OK else {
            throw TestDatabaseError(code: result, message: "cannot open \(path)")
        }
        guard let clock else { return }
        sqlite3_create_function_v2(
            handle,
            "strftime",
            -1,
            SQLITE_UTF8,
            Unmanaged.passUnretained(clock).toOpaque(),
            { context, _, _ in
                guard let pointer = sqlite3_user_data(context) else { return }
                let clock = Unmanaged<TestClock>.fromOpaque(pointer).takeUnretainedValue()
                let text = TestDatabase.text(of: clock.wall)
                sqlite3_result_text(
                    context,
                    text,
                    -1,
                    unsafeBitCast(-1, to: sqlite3_destructor_type.self)
                )
            },
            nil,
            nil,
            nil
        )
    }

    deinit { sqlite3_close_v2(handle) }

    /// `2023-11-14 22:13:20.123`.
    static func text(of microseconds: Int64) -> String {
        let seconds = Date(timeIntervalSince1970: Double(microseconds / 1_000_000)).formatted(.iso8601)
            .prefix(19)
            .replacing("T", with: " ")
        let milliseconds = String(microseconds % 1_000_000 / 1000)
        return seconds + "." + String(repeating: "0", count: 3 - milliseconds.count) + milliseconds
    }

    @discardableResult
    func run(_ sql: String, _ values: [Value] = []) throws -> [[Value]] {
        var rows: [[Value]] = []
        var statement: OpaquePointer?
        var tail: UnsafePointer<CChar>?
        try sql.withCString { text in
            var rest: UnsafePointer<CChar>? = text
            while let next = rest, next.pointee != 0 {
                let result = sqlite3_prepare_v2(handle, next, -1, &statement, &tail)
                defer { sqlite3_finalize(statement) }
                guard result == SQLITE_OK else { throw failure(result) }
                rest = tail.map { UnsafePointer($0) }
                guard statement != nil else { continue }
                for (index, value) in values.enumerated() { bind(value, Int32(index + 1), statement) }
                var step = sqlite3_step(statement)
                while step == SQLITE_ROW {
                    rows.append((0..<sqlite3_column_count(statement)).map { value(statement, $0) })
                    step = sqlite3_step(statement)
                }
                guard step == SQLITE_DONE else { throw failure(step) }
            }
        }
        return rows
    }

    private func failure(_ code: Int32) -> TestDatabaseError {
        TestDatabaseError(
            code: code & 0xff,
            message: sqlite3_errmsg(handle).map { String(cString: $0) } ?? ""
        )
    }

    private func bind(_ value: Value, _ index: Int32, _ statement: OpaquePointer?) {
        switch value {
        case .integer(let number): sqlite3_bind_int64(statement, index, number)
        case .real(let number): sqlite3_bind_double(statement, index, number)
        case .text(let text):
            _ = tributary_sqlite_bind_text(statement, index, text, UInt64(text.utf8.count))
        case .blob(let bytes):
            _ = sqlite3_bind_blob(
                statement,
                index,
                bytes,
                Int32(bytes.count),
                unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            )
        case .null: sqlite3_bind_null(statement, index)
        }
    }

    private func value(_ statement: OpaquePointer?, _ column: Int32) -> Value {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: .integer(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT: .real(sqlite3_column_double(statement, column))
        case SQLITE_TEXT:
            .text(
                String(
                    decoding: UnsafeBufferPointer(
                        start: sqlite3_column_text(statement, column),
                        count: Int(sqlite3_column_bytes(statement, column))
                    ),
                    as: UTF8.self
                )
            )
        case SQLITE_NULL: .null
        default: .blob([])
        }
    }
}

/// A folder that is removed at the end.
final class TestFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "sqlite-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
#endif
