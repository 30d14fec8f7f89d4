#if MariaDB
import CMariaDB
import ColumnBatches
import SourceConnectors

/// The rows of one executed statement, read packet by packet and decoded into batches.
///
/// It reads the packets itself, as the library would hand over value by value. Until the end has been read, or
/// the stream is abandoned, the connection can do nothing else. The stream owns the statement; the packet that
/// it looks at belongs to the library and is valid until the next one is read.
@safe
final class ResultStream {
    /// Texts of this many bytes end a batch early, so that wide rows do not fill the memory.
    private static let byteLimit = 32 << 20

    /// The fields of the batches.
    let schema: BatchSchema
    private let connection: ServerConnection
    private let table: TableName?
    private var statement: UnsafeMutablePointer<MYSQL_STMT>?
    private let columns: [RowDecoder.Plan]
    private let batchRows: Int
    private let setsDefectsAside: Bool
    /// Made with the first row: most results of a run with nothing to do have none.
    private lazy var decoder = RowDecoder(
        columns: columns,
        capacity: min(max(batchRows, 1), 1 << 20),
        setsDefectsAside: setsDefectsAside
    )
    private let packets: PacketReader
    private let policies: ValuePolicies
    private let notices: NoticeCounter?
    /// Whether rows may follow.
    private(set) var isOpen = true

    /// Prepares and executes a statement.
    init(
        _ sql: String,
        _ parameters: [Parameter],
        fields: [Field],
        batchRows: Int,
        table: TableName?,
        policies: ValuePolicies = ValuePolicies(),
        setsDefectsAside: Bool = false,
        notices: NoticeCounter? = nil,
        path: RowPath? = nil,
        on connection: ServerConnection
    ) throws {
        self.connection = connection
        self.policies = policies
        self.notices = notices
        self.table = table
        self.batchRows = batchRows
        self.setsDefectsAside = setsDefectsAside
        schema = BatchSchema(fields)
        let handle = try unsafe connection.openHandle()
        guard let statement = unsafe mysql_stmt_init(handle) else { throw connection.lastError(table: table) }
        do {
            let wire = try unsafe Self.execute(statement, sql, parameters, connection, table)
            guard wire.count == fields.count else {
                throw SourceError(
                    .server,
                    source: connection.source,
                    table: table,
                    message: "the server returned \(wire.count) columns instead of \(fields.count)"
                )
            }
            columns = try zip(wire, fields).map { wire, field in
                let policy = policies[field.name]
                guard let operation = wire.operation(to: field.type, policy) else {
                    throw SourceError(
                        .unsupportedType,
                        source: connection.source,
                        table: table,
                        column: field.name,
                        message: "\(wire.name) cannot be read as \(field.type) without loss; "
                            + "leave the column out, or choose a type that holds every value"
                    )
                }
                return RowDecoder.Plan(
                    column: wire,
                    operation: operation,
                    type: field.type,
                    policy: policy
                )
            }
            let path = path ?? connection.rowPath
            var fetcher: StatementFetcher?
            if path == .statements {
                fetcher = unsafe StatementFetcher(statement, columns: wire)
                if fetcher == nil { throw unsafe Self.statementError(statement, connection, table) }
            }
            packets = unsafe PacketReader(handle, prefersBlocks: path == .blocks, fetcher: fetcher)
        } catch {
            // Rows may be under way: the connection is of no further use, unless the statement failed.
            if unsafe mysql_stmt_errno(statement) == 0 { connection.close() }
            unsafe mysql_stmt_close(statement)
            throw error
        }
        unsafe self.statement = statement
    }

    deinit {
        if isOpen { abandon() }
    }

    /// Reads up to a batch of rows, or nil after the last one.
    ///
    /// - Throws: The server's error, or one that names a column; no rows are returned after it.
    func nextBatch() throws -> ColumnBatch? {
        guard isOpen else { return nil }
        let packets = packets
        var packet = packets.next()
        guard case .row = packet else {
            try end(packet)
            return nil
        }
        let decoder = decoder
        while case .row(let bytes, let length) = packet {
            do {
                try unsafe decoder.decode(bytes, length: length)
            } catch {
                abandon()
                throw describe(error)
            }
            guard decoder.rowCount < decoder.capacity, decoder.byteCount < Self.byteLimit else {
                return try takeBatch()
            }
            packet = packets.next()
        }
        try end(packet)
        return try takeBatch()
    }

    /// Reads the rest and drops it, so that the connection can be used again.
    func drain() throws {
        guard isOpen else { return }
        while true {
            switch packets.next() {
            case .row: continue
            case let packet: return try end(packet)
            }
        }
    }

    /// Ends the stream because nobody wants its rows any more.
    func cancel() -> SourceError {
        abandon()
        return SourceError(
            .cancelled,
            source: connection.source,
            table: table,
            message: "the task was cancelled between two batches"
        )
    }

    /// Whether the stream reads from a connection.
    func isOn(_ other: ServerConnection?) -> Bool { connection === other }

    /// Gives up the rest together with the connection.
    func abandon() {
        guard isOpen else { return }
        isOpen = false
        let statement = unsafe statement
        unsafe self.statement = nil
        // Closing the connection first keeps the library from reading all that is left.
        connection.close()
        if let statement = unsafe statement { unsafe mysql_stmt_close(statement) }
    }

    /// Ends the stream by a packet that is no row.
    private func end(_ packet: PacketReader.Packet) throws {
        guard case .end = packet else { throw failed(packet) }
        try finish()
    }

    /// Lets the connection be used again.
    private func finish() throws {
        isOpen = false
        unsafe tributary_result_ended(try connection.openHandle())
        if let statement = unsafe statement { unsafe mysql_stmt_close(statement) }
        unsafe statement = nil
    }

    /// Ends the stream after an error, and the connection with it where it is of no further use.
    private func failed(_ packet: PacketReader.Packet) -> SourceError {
        let error: SourceError
        switch packet {
        case .serverError(let failure), .broken(let failure):
            error = connection.error(number: failure.number, text: failure.text, table: table)
        case .failed, .row, .end:
            error = connection.lastError(table: table)
        }
        if error.code == .unreachable || error.code == .cancelled {
            abandon()
        } else {
            try? finish()
        }
        return error
    }

    private func takeBatch() throws -> ColumnBatch {
        let defects = decoder.defects.map { defect($0.failure, row: $0.row) }
        for (index, field) in schema.fields.enumerated()
        where !field.isNullable
            && decoder.nullCount(index) > defects.count(where: { $0.column == field.name })
        {
            abandon()
            throw SourceError(
                .unrepresentableValue,
                source: connection.source,
                table: table,
                column: field.name,
                message: "a value is missing in a column that is declared without missing values; "
                    + "declare it as nullable"
            )
        }
        for (index, field) in schema.fields.enumerated() {
            let rule = field.type == .string ? "text" : "null"
            notices?.add(
                decoder.takeImpossibleDates(index),
                column: field.name,
                rule: "impossibleDates: \(rule)"
            )
        }
        let rows = decoder.rowCount
        return ColumnBatch(
            schema: schema,
            columns: decoder.takeColumns(),
            rowCount: rows,
            defects: defects
        )
    }

    private func defect(_ failure: RowDecoder.Failure, row: Int) -> RowDefect {
        let error = describe(failure)
        let rule =
            switch failure {
            case .malformed: "protocol"
            case .zeroDate: "impossibleDates: fail"
            case .referenceSystem: "geometries: wkb"
            case .outOfRange(let column):
                switch schema.fields[column].type {
                case .boolean: "tinyint1: boolean"
                case .timestamp: "wallClock"
                default: "\(schema.fields[column].type)"
                }
            }
        return RowDefect(row: row, column: error.column ?? "", rule: rule, reason: error.message)
    }

    private func describe(_ failure: RowDecoder.Failure) -> SourceError {
        var error = SourceError(.unrepresentableValue, source: connection.source, table: table, message: "")
        switch failure {
        case .malformed:
            error.code = .server
            error.message = "the server sent a row that does not follow the protocol"
        case .zeroDate(let column):
            error.column = schema.fields[column].name
            error.message =
                "a date is zero or lacks its month or day, and the column's policy \"impossibleDates\" is \"fail\"; "
                + "correct the date at the source, or set the policy to \"null\" or \"text\""
        case .referenceSystem(let column):
            error.column = schema.fields[column].name
            error.message =
                "a geometry has a reference system, and the column's policy \"geometries\" is \"wkb\"; "
                + "set it to \"srid+wkb\""
        case .outOfRange(let column):
            error.column = schema.fields[column].name
            error.message = "a value does not fit \(schema.fields[column].type)"
        }
        return error
    }

    private static func execute(
        _ statement: UnsafeMutablePointer<MYSQL_STMT>,
        _ sql: String,
        _ parameters: [Parameter],
        _ connection: ServerConnection,
        _ table: TableName?
    ) throws -> [WireColumn] {
        let values = try StatementParameters(parameters)
        // Prepared and executed in one round trip, which counts where the server is far away.
        let executed = unsafe sql.withCString { text in
            unsafe values.bind(to: statement)
                && mariadb_stmt_execute_direct(statement, text, Int(sql.utf8.count)) == 0
        }
        // The buffers of the values are read while the statement is executed.
        withExtendedLifetime(values) {}
        guard executed else { throw unsafe statementError(statement, connection, table) }
        guard let result = unsafe mysql_stmt_result_metadata(statement) else { return [] }
        defer { unsafe mysql_free_result(result) }
        return unsafe (0..<mysql_num_fields(result)).map { unsafe WireColumn(tributary_field_at(result, $0)) }
    }

    private static func statementError(
        _ statement: UnsafeMutablePointer<MYSQL_STMT>,
        _ connection: ServerConnection,
        _ table: TableName?
    ) -> SourceError {
        unsafe connection.error(
            number: Int(mysql_stmt_errno(statement)),
            text: String(cString: mysql_stmt_error(statement)),
            table: table
        )
    }
}

extension ServerConnection {
    /// Reads a small result whole.
    func values(
        _ sql: String,
        _ parameters: [Parameter] = [],
        types: [ColumnType],
        path: RowPath? = nil
    ) throws -> [[ColumnValue]] {
        let stream = try ResultStream(
            sql,
            parameters,
            fields: types.enumerated().map { Field("column \($0.offset + 1)", $0.element) },
            // Such results are small, and the columns' memory is taken for so many.
            batchRows: 64,
            table: nil,
            path: path,
            on: self
        )
        var rows: [[ColumnValue]] = []
        while let batch = try stream.nextBatch() {
            for row in 0..<batch.rowCount { rows.append(batch.columns.map { $0[row] }) }
        }
        return rows
    }
}
#endif
