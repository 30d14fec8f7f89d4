#if MariaDB
import ColumnBatches
@testable import MariaDBConnectors
import SourceConnectors
import Testing

@Suite("MariaDB decoding")
struct MariaDBDecoderTests {
    @Test(
        "a calendar time is split and joined without loss",
        arguments: [-719_162, -1, 0, 11_016, 19_782, 2_932_896]
    )
    func calendarRoundTrip(day: Int) throws {
        for offset in [0, 1, 86_399_999_999] as [Int64] {
            let time = try #require(CalendarTime(microseconds: Int64(day) * 86_400_000_000 + offset))
            #expect(CalendarTime.days(year: time.year, month: time.month, day: time.day) == day)
            let seconds = Int64(time.hour * 3_600 + time.minute * 60 + time.second)
            #expect(seconds * 1_000_000 + Int64(time.microsecond) == offset)
        }
    }

    @Test("every day of 400 years has its own date")
    func everyDay() throws {
        var last = (year: 1_899, month: 12, day: 31)
        for day in -25_567..<120_530 {
            let time = try #require(CalendarTime(microseconds: Int64(day) * 86_400_000_000))
            #expect((time.year, time.month, time.day) > last)
            #expect(CalendarTime.days(year: time.year, month: time.month, day: time.day) == day)
            last = (time.year, time.month, time.day)
        }
        #expect(last == (2_299, 12, 31))
    }

    @Test(
        "no time outside the years 1 to 9999",
        arguments: [Int64.min, -62_135_596_800_000_001, 253_402_300_800_000_000, .max]
    )
    func outsideTheCalendar(microseconds: Int64) {
        #expect(CalendarTime(microseconds: microseconds) == nil)
    }

    @Test("bytes that are no row end in an error, never in a trap or a read past the end")
    func foreignBytes() {
        var generator = SplitMix(state: 7)
        let targets: [(UInt32, Bool, ColumnType)] = [
            (1, false, .int8), (1, true, .boolean), (2, true, .int32), (3, false, .int64), (8, false, .int64),
            (8, true, .decimal(precision: 20, scale: 0)), (3, false, .decimal(precision: 12, scale: 2)),
            (4, false, .float), (5, false, .double), (246, false, .decimal(precision: 12, scale: 2)),
            (246, false, .decimal(precision: 38, scale: 6)), (10, false, .date), (12, false, .timestampNTZ),
            (7, false, .timestamp), (11, false, .int64), (16, true, .int64), (253, false, .string),
            (252, false, .binary), (10, false, .string), (12, false, .string), (11, false, .string),
            (12, false, .timestamp), (255, false, .binary),
        ]
        for _ in 0..<20_000 {
            let columns = (0..<Int.random(in: 1...9, using: &generator)).map { _ in
                let (type, isUnsigned, target) = targets[Int.random(in: 0..<targets.count, using: &generator)]
                var field = tributaryField(type, isUnsigned)
                if target == .binary { field.charset = 63 }
                return (field, target)
            }
            var policy = ValuePolicy()
            policy.impossibleDates = Bool.random(using: &generator) ? .null : .fail
            policy.geometries = .wkb
            policy.wallClockOffset = .seconds(3600)
            let decoder = RowDecoder(
                columns: columns.compactMap { field, target in
                    field.operation(to: target, policy).map {
                        RowDecoder.Plan(column: field, operation: $0, type: target, policy: policy)
                    }
                },
                capacity: 4
            )
            for _ in 0..<6 {
                // An exact allocation, so that a sanitizer sees any read past its end.
                var packet = (0..<Int.random(in: 0...80, using: &generator)).map { _ in
                    UInt8.random(in: 0...(Bool.random(using: &generator) ? 12 : 255), using: &generator)
                }
                if !packet.isEmpty && Bool.random(using: &generator) { packet[0] = 0 }
                packet.withUnsafeBytes { bytes in
                    guard let base = bytes.baseAddress else { return }
                    try? decoder.decode(base, length: bytes.count)
                }
            }
            #expect(decoder.rowCount <= 4)
        }
    }

    @Test("a date that comes again is read as before, whatever came between")
    func repeatedDates() throws {
        // A date as the wire has it, and its day since 1970 where there is such a day.
        let dates: [(year: Int, month: UInt8, day: UInt8, number: Int32?)] = [
            (2024, 2, 29, 19_782), (2024, 2, 29, 19_782), (0, 0, 0, nil), (2024, 2, 29, 19_782),
            (2024, 2, 30, nil), (2024, 2, 29, 19_782), (2023, 2, 29, nil), (0, 0, 0, nil),
            (1, 1, 1, -719_162), (9_999, 12, 31, 2_932_896), (9_999, 12, 31, 2_932_896),
            (2024, 0, 29, nil), (2024, 2, 29, 19_782),
        ]
        var policy = ValuePolicy()
        policy.impossibleDates = .null
        let plans = [(UInt32(10), ColumnType.date), (12, .timestampNTZ), (12, .timestampNTZ)].compactMap {
            wire,
            type in
            let field = tributaryField(wire, false)
            return field.operation(to: type, policy).map {
                RowDecoder.Plan(column: field, operation: $0, type: type, policy: policy)
            }
        }
        let decoder = RowDecoder(columns: plans, capacity: dates.count)
        for (row, date) in dates.enumerated() {
            let bytes = [UInt8(date.year & 0xFF), UInt8(date.year >> 8), date.month, date.day]
            let clock = [23, 59, UInt8(row)] + [UInt8(row), 1, 0, 0]
            // The third column holds other dates than the second, in the form without a fraction.
            let packet: [UInt8] =
                [0, 0, 4] + bytes + [11] + bytes + clock + [7, 0xE8, 7, 1, 1] + clock[..<3]
            try packet.withUnsafeBytes { try decoder.decode($0.baseAddress!, length: packet.count) }
        }
        let columns = decoder.takeColumns()
        let day: Int64 = 86_400_000_000
        for (row, date) in dates.enumerated() {
            let seconds = Int64(86_340 + row) * 1_000_000
            let time = date.number.map {
                ColumnValue.timestampNTZ(Int64($0) * day + seconds + 256 + Int64(row))
            }
            #expect(columns[0][row] == date.number.map { .date($0) } ?? .null, "row \(row)")
            #expect(columns[1][row] == time ?? .null, "row \(row)")
            #expect(columns[2][row] == .timestampNTZ(19_723 * day + seconds), "row \(row)")
        }
    }

    @Test(
        "decimals are read exactly or not at all",
        arguments: [
            ("0.05", 2, 5), ("-0.05", 2, -5), ("12", 2, 1_200), ("-9999999999.99", 2, -999_999_999_999),
            ("000000000000000000001.5", 1, 15), ("1.50", 1, 15), ("1.55", 1, nil), ("", 1, nil),
            ("-", 1, nil),
            (".", 1, nil), ("1.2.3", 3, nil), ("1e3", 0, nil), ("92233720368547758.08", 2, nil),
            ("-92233720368547758.08", 2, -9_223_372_036_854_775_808), ("99999999999999999999999", 0, nil),
        ] as [(String, Int, Int64?)]
    )
    func decimals(text: String, scale: Int, value: Int64?) {
        let bytes = Array(text.utf8) + [0]
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            #expect(DecimalText.parse64(base, text.utf8.count, scale: scale) == value)
        }
    }

    @Test("a statement quotes names, binds values and marks itself as a read of this program")
    func statement() throws {
        let query = ReadQuery(
            table: TableName(database: "a`b", table: "t"),
            columns: [Field("x", .int32), Field("y`", .string)],
            window: CursorWindow(column: "u", type: .int64, lowerBound: 5),
            filters: [RowFilter("x", .oneOf, [.integer(1), .string("'")]), RowFilter("y`", .isNotNull)],
            order: ["u", "x"]
        )
        let statement = try SelectStatement(query)
        #expect(
            statement.sql
                == "SELECT /* tributary */ `x`, `y``` FROM `a``b`.`t` WHERE (`u` >= ? OR `u` IS NULL) AND `x` IN (?, ?) AND `y``` IS NOT NULL"
                + " ORDER BY `u`, `x`"
        )
        #expect(statement.parameters == [.integer(5), .integer(1), .text("'")])
    }

    @Test(
        "TLS is required of every host but this machine, unless it is disabled by choice",
        arguments: [
            ("db.example.com", true), ("10.0.0.1", true), ("127.0.0.1.example.com", true), ("127.evil", true),
            ("128.0.0.1", true), ("localhost", false), ("127.0.0.1", false), ("127.1.2.3", false),
            ("::1", false),
        ]
    )
    func policy(host: String, isRequired: Bool) {
        var settings = MariaDBConnection(host: host, user: "u", password: .none)
        #expect(settings.mustBeEncrypted == isRequired)
        settings.tls = .disabled
        #expect(!settings.mustBeEncrypted)
        settings.tls = .required()
        #expect(settings.mustBeEncrypted)
    }

    @Test(
        "the server's numbers become kinds of failure",
        arguments: [
            (1045, SourceError.Code.accessDenied, false), (1142, .accessDenied, false),
            (1146, .missing, false),
            (2002, .unreachable, true), (2013, .unreachable, true), (2006, .unreachable, true),
            (2026, .insecure, false), (1969, .interrupted, true), (1317, .interrupted, true),
            (1205, .interrupted, true), (1213, .interrupted, true), (1412, .interrupted, true),
            (1040, .unreachable, true), (1153, .server, false), (4242, .server, false),
        ]
    )
    func failures(number: Int, code: SourceError.Code, isTransient: Bool) {
        let source = Source(region: "eu", client: "7", connection: "c")
        let failure = ServerFailure(number: number, text: "as the server says")
        let error = failure.error(source: source, table: nil, isStopped: false)
        #expect(error.code == code && error.isTransient == isTransient && error.serverCode == number)
        #expect(failure.error(source: source, table: nil, isStopped: true).code == .cancelled)
    }

    private func tributaryField(_ type: UInt32, _ isUnsigned: Bool) -> WireColumn {
        WireColumn(type: type, isUnsigned: isUnsigned, charset: 45, decimals: type == 246 ? 2 : 0, length: 10)
    }
}

/// A generator with a seed, so that a failure can be repeated.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
#endif
