import ColumnBatches
import Testing

@testable import ParquetFiles

/// Lists and maps of all shapes that writers have used.
@Suite("SchemaTree") struct SchemaShapeTests {
    static func type(_ elements: [SchemaElement]) throws -> ColumnType {
        let tree = try SchemaTree(HandmadeFile.schema(elements, children: 1))
        return tree.nodes[0].type
    }

    static func list(_ repeated: [SchemaElement], _ name: String = "tags") throws -> ColumnType {
        try type([HandmadeFile.element(name, nil, .optional, children: 1, converted: .list)] + repeated)
    }

    static let strings = ColumnType.list(element: Field("element", .string))

    @Test("lists of three and of two levels, and none at all")
    func lists() throws {
        let text = HandmadeFile.element("element", .byteArray, .optional, converted: .utf8)
        #expect(
            try Self.list([HandmadeFile.element("list", nil, .repeated, children: 1), text]) == Self.strings
        )
        #expect(
            try Self.list([HandmadeFile.element("bag", nil, .repeated, children: 1), text]) == Self.strings
        )
        let structure = ColumnType.structure([Field("element", .string)])
        for name in ["array", "tags_tuple"] {
            let two = try Self.list([HandmadeFile.element(name, nil, .repeated, children: 1), text])
            #expect(two == .list(element: Field(name, structure, isNullable: false)))
        }
        #expect(
            try Self.list([HandmadeFile.element("element", .int32, .repeated)])
                == .list(element: Field("element", .int32, isNullable: false))
        )
        let pair = try Self.list([
            HandmadeFile.element("pair", nil, .repeated, children: 2), HandmadeFile.element("a", .int32),
            HandmadeFile.element("b", .int64, .optional),
        ])
        let fields = ColumnType.structure([Field("a", .int32, isNullable: false), Field("b", .int64)])
        #expect(pair == .list(element: Field("pair", fields, isNullable: false)))
        #expect(
            try Self.type([HandmadeFile.element("n", .int32, .repeated)])
                == .list(element: Field("n", .int32, isNullable: false))
        )
        // A group that is annotated as a list and is none is what its fields make it.
        let none = try Self.list([HandmadeFile.element("a", .int32, .optional)])
        #expect(none == .structure([Field("a", .int32)]))
    }

    @Test(
        "maps with either annotation, with optional keys, without values",
        arguments: [ConvertedType.map, .mapKeyValue]
    )
    func maps(annotation: ConvertedType) throws {
        let outer = HandmadeFile.element("m", nil, .optional, children: 1, converted: annotation)
        let key = HandmadeFile.element("key", .byteArray, converted: .utf8)
        let optional = HandmadeFile.element("key", .byteArray, .optional, converted: .utf8)
        let value = HandmadeFile.element("value", .int32, .optional)
        for name in ["key_value", "map", "entries"] {
            let entry = HandmadeFile.element(name, nil, .repeated, children: 2, converted: .mapKeyValue)
            #expect(
                try Self.type([outer, entry, key, value])
                    == .map(key: Field("key", .string, isNullable: false), value: Field("value", .int32))
            )
            #expect(
                try Self.type([outer, entry, optional, value])
                    == .map(key: Field("key", .string), value: Field("value", .int32))
            )
        }
        let keys = HandmadeFile.element("key_value", nil, .repeated, children: 1)
        #expect(
            try Self.type([outer, keys, key])
                == .map(key: Field("key", .string, isNullable: false), value: Field("value", .boolean))
        )
    }

    @Test("schemas that are damaged, too deep or not supported are refused")
    func damage() throws {
        let number = HandmadeFile.element("n", .int32)
        let deep = (0..<70).map { HandmadeFile.element("g\($0)", nil, .optional, children: 1) } + [number]
        #expect(throws: ParquetError.self) { try Self.type(deep) }
        #expect(throws: ParquetError.self) { try SchemaTree([]) }
        #expect(throws: ParquetError.self) { try SchemaTree(HandmadeFile.schema([number], children: 2)) }
        #expect(throws: ParquetError.self) {
            try SchemaTree(HandmadeFile.schema([number, number], children: 1))
        }
        #expect(throws: ParquetError.self) {
            try Self.type([HandmadeFile.element("g", nil, .optional, children: Int(Int32.max))])
        }
        #expect(throws: ParquetError.self) { try Self.type([HandmadeFile.element("g", nil, .optional)]) }
        #expect(throws: ParquetError.self) {
            try Self.type([HandmadeFile.element("f", .fixedLengthByteArray, length: -4)])
        }
    }

    @Test("fields of structures are chosen by their path")
    func projection() throws {
        let tree = try SchemaTree(
            HandmadeFile.schema(
                [
                    HandmadeFile.element("a", nil, .optional, children: 2),
                    HandmadeFile.element("x", .int32, .optional),
                    HandmadeFile.element("in", nil, .optional, children: 2),
                    HandmadeFile.element("y", .int64, .optional),
                    HandmadeFile.element("z", .double, .optional),
                    HandmadeFile.element("a.x", .boolean, .optional),
                ],
                children: 2
            )
        )
        let picked = try tree.selecting(["a.in.z", "a.x"])
        #expect(picked.map(\.name) == ["a", "a.x"])
        #expect(picked[0].type == .structure([Field("in", .structure([Field("z", .double)]))]))
        #expect(picked[0].leaves == [2] && picked[1].leaves == [3])
        #expect(try tree.selecting(["a.in", "a"])[0].type == tree.nodes[0].type)
        for name in ["b", "a.q", "a.in.y.q", "a.in.q"] {
            #expect(throws: ParquetError.self) { try tree.selecting([name]) }
        }
    }
}
