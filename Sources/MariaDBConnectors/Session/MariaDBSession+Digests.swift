#if MariaDB
public import ColumnBatches
public import SourceConnectors

extension MariaDBSession {
    /// What is in each bucket, computed by the server in one grouped query.
    ///
    /// A server before 10.8, which lacks one of the two checksums, sends the rows instead.
    public func digests(of query: ReadQuery, by rule: BucketRule, at consistency: ReadConsistency)
        async throws
        -> BucketDigests
    {
        var digests = BucketDigests(rule: rule)
        do {
            let answer = try await rows(
                SelectStatement(query, asks: .digests(rule), text: rowText(of: query)),
                fields: ["bucket", "rows", "crc32", "crc32c"].map { Field($0, .int64) },
                of: query,
                at: consistency
            )
            for try await batch in answer {
                for row in 0..<batch.rowCount {
                    let numbers = batch.row(row).compactMap(\.integer)
                    guard numbers.count == 4, digests.buckets.indices.contains(Int(numbers[0])) else {
                        throw SourceError(
                            .server,
                            source: source,
                            table: query.table,
                            message: "the server's digests cannot be read"
                        )
                    }
                    let checksum = RowChecksum(
                        crc32: UInt32(truncatingIfNeeded: numbers[2]),
                        crc32c: UInt32(truncatingIfNeeded: numbers[3])
                    )
                    digests.add(
                        BucketDigests.Bucket(rowCount: Int(numbers[1]), checksum: checksum),
                        to: Int(numbers[0])
                    )
                }
            }
            return digests
        } catch let error as SourceError where error.serverCode == Self.unknownFunction {
            for try await batch in try await rows(query, at: consistency) { digests.add(batch) }
            return digests
        }
    }

    /// `ER_SP_DOES_NOT_EXIST`.
    private static var unknownFunction: Int { 1305 }

    /// How the server computes the text of a query's rows, which depends on the types of its columns.
    func rowText(of query: ReadQuery) throws -> RowTextSQL {
        let rows = try control().values(
            """
            SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS
            WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?
            """,
            [.text(query.table.database), .text(query.table.table)],
            types: [.string, .string]
        )
        let types = Dictionary(rows.map { ($0[0].text, $0[1].text.lowercased()) }, uniquingKeysWith: { $1 })
        return RowTextSQL(types: types, policies: query.policies)
    }
}
#endif
