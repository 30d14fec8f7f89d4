import ColumnBatches
import DeltaLog
import DeltaTables
import ObjectStores
import Testing

/// Files that hold variants in typed columns, made value by value.
@Suite("Shredded variants") struct ShreddedVariantTests {
    /// The names a, b and c.
    static let metadata: [UInt8] = [1, 3, 0, 1, 2, 3, 97, 98, 99]

    static func group(_ type: ColumnType) -> ColumnType {
        .structure([Field("value", .binary), Field("typed_value", type)])
    }

    /// A table of one file, whose variants have a typed column.
    static func makeTable(_ type: ColumnType, _ rows: [ColumnValue]) async throws -> DeltaTable {
        let store = MemoryObjectStore()
        let variant = ColumnType.structure([
            Field("metadata", .binary), Field("value", .binary), Field("typed_value", type),
        ])
        let fields = [Field("v", variant)]
        let writer = DataFileWriter(
            store: store,
            table: "t",
            fields: fields,
            partition: [:],
            partitionColumns: []
        )
        try await writer.append(AlterationTests.batch(fields, rows.map { [$0] }))
        let features = ["variantType", "variantShredding"]
        let schema = StructType(fields: [StructField(name: "v", type: .variant, isNullable: true)])
        let table = DeltaTable(store: store, path: "t")
        var actions: [Action] = [
            .protocol(
                TableProtocol(
                    minReaderVersion: 3,
                    minWriterVersion: 7,
                    readerFeatures: features,
                    writerFeatures: features
                )
            ),
            .metadata(TableMetadata(id: "id", schemaString: schema.json)),
        ]
        actions += try await writer.finish().map { .add($0) }
        try await table.log.write(actions, as: 0)
        return table
    }

    static func lines(_ table: DeltaTable) async throws -> [String] {
        let snapshot = try await table.snapshot()
        let canonical = CanonicalRow(try table.schema(of: snapshot))
        var lines: [String] = []
        for try await batch in try table.rows(of: snapshot) {
            for row in 0..<batch.rowCount { lines.append(canonical.text(batch, row)) }
        }
        return lines
    }

    @Test("objects and arrays are put together from typed columns and what is beside them")
    func nested() async throws {
        let type = ColumnType.structure([
            Field("a", Self.group(.int32)),
            Field("b", Self.group(.list(element: Field("element", Self.group(.string))))),
        ])
        let list: ColumnValue = .list([
            .structure([.null, .string("x")]), .structure([.binary([3 << 2, 5]), .null]),
        ])
        let table = try await Self.makeTable(
            type,
            [
                .structure([
                    .binary(Self.metadata), .null,
                    .structure([.structure([.null, .integer(7)]), .structure([.null, list])]),
                ]),
                // The object beside has c; the string t stands for a number in a.
                .structure([
                    .binary(Self.metadata), .binary([2, 1, 2, 0, 1, 1 << 2]),
                    .structure([
                        .structure([.binary([1 << 2 | 1, 116]), .null]), .structure([.null, .null]),
                    ]),
                ]),
                .structure([.binary(Self.metadata), .binary([3 << 2, 42]), .null]),
                .structure([.binary(Self.metadata), .null, .null]),
                .null,
            ]
        )
        #expect(
            try await Self.lines(table) == [
                #"{"v":{"a":7,"b":["x",5]}}"#, #"{"v":{"a":"t","c":true}}"#, #"{"v":42}"#, #"{"v":null}"#,
                #"{"v":null}"#,
            ]
        )
    }

    static let primitives: [(ColumnType, ColumnValue, String)] = [
        (.boolean, .boolean(true), "true"), (.boolean, .boolean(false), "false"), (.int8, .integer(-3), "-3"),
        (.int16, .integer(-300), "-300"), (.int32, .integer(70_000), "70000"),
        (.int64, .integer(.min), "-9223372036854775808"), (.float, .float(1.5), "\"1.5\""),
        (.double, .double(-0.25), "\"-0.25\""),
        (.decimal(precision: 9, scale: 2), .decimal(-12345, scale: 2), "\"-123.45\""),
        (.decimal(precision: 18, scale: 3), .decimal(1, scale: 3), "\"0.001\""),
        (
            .decimal(precision: 38, scale: 0), .decimal(Int128(Int64.max) * 4, scale: 0),
            "\"36893488147419103228\""
        ),
        (.date, .date(-1), "\"1969-12-31\""), (.timestamp, .timestamp(-1), "\"1969-12-31T23:59:59.999999Z\""),
        (.timestampNTZ, .timestampNTZ(1), "\"1970-01-01T00:00:00.000001\""),
        (.string, .string("ü"), "\"ü\""),
        (.string, .string(String(repeating: "n", count: 70)), "\"\(String(repeating: "n", count: 70))\""),
        (.binary, .binary([1, 255]), "\"01ff\""),
    ]

    @Test("a typed value of each type is the variant of it", arguments: primitives)
    func primitive(type: ColumnType, value: ColumnValue, text: String) async throws {
        let table = try await Self.makeTable(type, [.structure([.binary(Self.metadata), .null, value])])
        #expect(try await Self.lines(table) == [#"{"v":\#(text)}"#])
    }

    @Test(
        "what contradicts itself or has no name is refused",
        arguments: [
            ([1, 3, 0, 1, 2, 3, 97, 98, 99], [3 << 2, 42]), ([1, 1, 0, 1, 98], nil), ([9], nil),
        ] as [([UInt8], [UInt8]?)]
    )
    func damaged(metadata: [UInt8], beside: [UInt8]?) async throws {
        let table = try await Self.makeTable(
            .structure([Field("a", Self.group(.int32))]),
            [
                .structure([
                    .binary(metadata), beside.map { .binary($0) } ?? .null,
                    .structure([.structure([.null, .integer(7)])]),
                ])
            ]
        )
        await #expect { _ = try await Self.lines(table) } throws: { error in
            (error as? DeltaTableError)?.column == "v" && "\(error)".contains("typed columns")
        }
    }
}
