import ColumnBatches

@testable import ParquetFiles

/// Small valid files of many shapes: what mutation and fuzzing start from.
///
/// The committed corpus of `Tests/Fuzz` is made of these; see `FuzzCorpusTests`.
enum SeedFiles {
    struct Seed: Sendable {
        var name: String
        var bytes: [UInt8]
    }

    static let all: [Seed] = written + handmade

    /// What this project's writer writes: every flat type, plain, repeated and ascending, with missing values.
    private static let written: [Seed] = {
        var seeds: [Seed] = []
        for shape in [ParquetRoundTripTests.Shape.repeated, .ascending, .someMissing, .allMissing] {
            for compression in [ParquetCompression.uncompressed, .zstd(level: 3)] {
                let fields = ParquetRoundTripTests.types.enumerated().map { Field("c\($0)", $1) }
                let columns = fields.map { ParquetRoundTripTests.column($0.type, shape, count: 40) }
                let batch = ColumnBatch(schema: BatchSchema(fields), columns: columns)
                var options = ParquetWriterOptions()
                (options.pageRows, options.rowGroupRows, options.compression) = (16, 32, compression)
                guard let (file, _) = try? ParquetRoundTripTests.write([batch], options) else { continue }
                let codec = compression == .uncompressed ? "plain" : "zstd"
                seeds.append(Seed(name: "written-\(shape)-\(codec)", bytes: file))
            }
        }
        return seeds
    }()

    private static let int = HandmadeFile.element("n", .int32)
    private static let numbers: [UInt8] = [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]

    private static func flat(
        _ element: SchemaElement,
        _ pages: [HandmadeFile.Page],
        _ codec: Codec = .uncompressed
    )
        -> HandmadeFile
    {
        let rows = pages.filter { $0.kind != .dictionary }.reduce(0) { $0 + $1.count }
        return HandmadeFile(
            schema: HandmadeFile.schema([element]),
            rowCount: rows,
            groups: [[.init(codec: codec, pages: pages)]]
        )
    }

    private static func levels(_ run: [UInt8]) -> [UInt8] { [UInt8(run.count), 0, 0, 0] + run }

    static let handmade: [Seed] = encodings + codecs + versions + nested

    private static let encodings: [Seed] = [
        Seed(
            name: "delta",
            bytes: flat(
                int,
                [.init(count: 5, encoding: .deltaBinaryPacked, body: [0x80, 1, 4, 5, 2, 2, 0, 0, 0, 0])]
            ).bytes
        ),
        Seed(
            name: "delta-length",
            bytes: flat(
                HandmadeFile.element("t", .byteArray, converted: .utf8),
                [
                    .init(
                        count: 2,
                        encoding: .deltaLengthByteArray,
                        body: [0x80, 1, 4, 2, 4, 3, 0, 0, 0, 0] + Array("ab".utf8)
                    )
                ]
            ).bytes
        ),
        Seed(
            name: "delta-bytes",
            bytes: flat(
                HandmadeFile.element("t", .byteArray, converted: .utf8),
                [
                    .init(
                        count: 2,
                        encoding: .deltaByteArray,
                        body: [0x80, 1, 4, 2, 0, 4, 0, 0, 0, 0, 0x80, 1, 4, 2, 8, 3, 0, 0, 0, 0]
                            + Array("axisle".utf8)
                    )
                ]
            ).bytes
        ),
        Seed(
            name: "streams",
            bytes: flat(
                HandmadeFile.element("f", .fixedLengthByteArray, length: 3),
                [.init(count: 2, encoding: .byteStreamSplit, body: [1, 2, 3, 4, 5, 6])]
            ).bytes
        ),
        Seed(
            name: "dictionary",
            bytes: flat(
                HandmadeFile.element("t", .byteArray, .optional, converted: .utf8),
                [
                    .init(kind: .dictionary, count: 2, body: [1, 0, 0, 0, 97, 2, 0, 0, 0, 98, 98]),
                    .init(
                        count: 6,
                        encoding: .dictionary,
                        body: levels([3, 0b0011_1011]) + [1, 3, 0b10110]
                    ),
                    .init(count: 3, encoding: .plain, body: levels([6, 0])),
                ]
            ).bytes
        ),
        Seed(
            name: "booleans",
            bytes: flat(
                HandmadeFile.element("b", .boolean),
                [
                    .init(count: 10, encoding: .rle, body: [4, 0, 0, 0, 10, 1, 3, 6]),
                    .init(count: 9, encoding: .plain, body: [0xA5, 1]),
                ]
            ).bytes
        ),
        Seed(
            name: "int96",
            bytes: flat(
                HandmadeFile.element("w", .int96),
                [.init(count: 1, body: [0xFF, 0xFF, 0x4E, 0x91, 0x94, 0x4E, 0, 0, 0x8B, 0x3D, 0x25, 0])]
            ).bytes
        ),
        Seed(
            name: "decimals",
            bytes: flat(
                HandmadeFile.element("d", .byteArray, converted: .decimal, precision: 30, scale: 2),
                [.init(count: 2, body: [2, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0xFF])]
            ).bytes
        ),
        Seed(
            name: "packed-levels",
            bytes: flat(
                HandmadeFile.element("n", .int32, .optional),
                [.init(count: 4, body: [0b1011_0000] + numbers, levelEncoding: .bitPacked)]
            ).bytes
        ),
    ]

    /// Twelve bytes as they stand inside the frames of each codec.
    private static let codecs: [Seed] = {
        let checksum = GzipPage.checksum(numbers[...])
        let trailer = (0..<4).map { UInt8(truncatingIfNeeded: checksum >> UInt32(8 * $0)) } + [12, 0, 0, 0]
        let member = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 12, 0, 0xF3, 0xFF] + numbers + trailer
        let bodies: [(Codec, [UInt8])] = [
            (.snappy, [12, 11 << 2] + numbers), (.gzip, member), (.lz4Raw, [12 << 4] + numbers),
            (.lz4, [0, 0, 0, 12, 0, 0, 0, 13, 12 << 4] + numbers), (.lz4, [12 << 4] + numbers),
        ]
        return bodies.enumerated().map { index, body in
            let page = HandmadeFile.Page(count: 3, body: body.1, uncompressedSize: 12)
            return Seed(name: "codec-\(index)-\(body.0)", bytes: flat(int, [page], body.0).bytes)
        }
    }()

    private static let versions: [Seed] = [
        Seed(
            name: "version2",
            bytes: flat(
                HandmadeFile.element("n", .int32, .optional),
                [
                    .init(
                        kind: .dataV2,
                        count: 4,
                        body: [3, 0b1011] + numbers,
                        definitionSize: 2,
                        rowCount: 4
                    ),
                    .init(
                        kind: .dataV2,
                        count: 3,
                        body: [6, 1, 12, 11 << 2] + numbers,
                        uncompressedSize: 14,
                        definitionSize: 2,
                        rowCount: 3
                    ),
                ],
                .snappy
            ).bytes.withFirstPageUncompressed
        ),
        Seed(
            name: "checksum",
            bytes: flat(int, [.init(count: 3, body: numbers, checksum: GzipPage.checksum(numbers[...]))])
                .bytes
        ),
        Seed(name: "offset-index", bytes: ParquetReaderTests.paged(repeated: false).bytes),
        Seed(name: "offset-index-repeated", bytes: ParquetReaderTests.paged(repeated: true).bytes),
    ]

    private static let nested: [Seed] = [
        Seed(name: "list", bytes: list.bytes), Seed(name: "map", bytes: map.bytes),
        Seed(name: "structure", bytes: structure.bytes),
    ]

    /// Rows `[1, null, 2]`, `[]`, `null`, `[3]` of an optional list of optional numbers.
    static let list = HandmadeFile(
        schema: HandmadeFile.schema(
            [
                HandmadeFile.element("l", nil, .optional, children: 1, converted: .list),
                HandmadeFile.element("list", nil, .repeated, children: 1),
                HandmadeFile.element("element", .int32, .optional),
            ],
            children: 1
        ),
        rowCount: 4,
        groups: [
            [
                .init(pages: [
                    .init(
                        count: 4,
                        // Definition levels 3 2 3 1, repetition levels 0 1 1 0.
                        body: levels([3, 0b0110]) + levels([3, 0b0111_1011, 0]) + Array(numbers[..<8])
                    ),
                    .init(count: 2, body: levels([4, 0]) + levels([3, 0b1100, 0]) + Array(numbers[8...])),
                ])
            ]
        ]
    )

    /// Rows `{a: 1, b: null}` and an empty map, of a map without annotation of its entries.
    static let map = HandmadeFile(
        schema: HandmadeFile.schema(
            [
                HandmadeFile.element("m", nil, .required, children: 1, converted: .map),
                HandmadeFile.element("entries", nil, .repeated, children: 2),
                HandmadeFile.element("key", .byteArray, .required, converted: .utf8),
                HandmadeFile.element("value", .int32, .optional),
            ],
            children: 1
        ),
        rowCount: 2,
        groups: [
            [
                .init(
                    leaf: 0,
                    pages: [
                        .init(
                            count: 3,
                            body: levels([3, 0b010]) + levels([3, 0b011]) + [1, 0, 0, 0, 97, 1, 0, 0, 0, 98]
                        )
                    ]
                ),
                .init(
                    leaf: 1,
                    pages: [
                        .init(
                            count: 3,
                            body: levels([3, 0b010]) + levels([3, 0b00_0110, 0]) + Array(numbers[..<4])
                        )
                    ]
                ),
            ]
        ]
    )

    /// Rows `{x: 1, in: {y: 2}}`, `{x: null, in: null}`, `null`.
    static let structure = HandmadeFile(
        schema: HandmadeFile.schema(
            [
                HandmadeFile.element("s", nil, .optional, children: 2),
                HandmadeFile.element("x", .int32, .optional),
                HandmadeFile.element("in", nil, .optional, children: 1),
                HandmadeFile.element("y", .int32, .required),
            ],
            children: 1
        ),
        rowCount: 3,
        groups: [
            [
                .init(
                    leaf: 0,
                    pages: [.init(count: 3, body: levels([3, 0b00_0110, 0]) + Array(numbers[..<4]))]
                ),
                .init(
                    leaf: 1,
                    pages: [.init(count: 3, body: levels([3, 0b00_0110, 0]) + Array(numbers[4..<8]))]
                ),
            ]
        ]
    )
}

extension [UInt8] {
    /// The file with the flag of its first version 2 page saying that it is not compressed.
    fileprivate var withFirstPageUncompressed: [UInt8] {
        var file = self
        // The flag is the last field of the header, before its two ends and the levels.
        for index in 5..<(count - 4) where self[index] == 0x11 && self[index + 1] == 0 && self[index + 3] == 3
        {
            file[index] = 0x12
            break
        }
        return file
    }
}
