import ColumnBatches
public import DeltaLog

extension TableSchema {
    /// The lowest protocol that the column types allow.
    public var minimumProtocol: TableProtocol { minimumProtocol([:]) }

    /// The lowest protocol that the column types and some properties allow.
    public func minimumProtocol(_ properties: [String: String]) -> TableProtocol {
        let type = (try? structType(of: "")) ?? StructType(fields: [])
        let metadata = TableMetadata(id: "", schemaString: "", configuration: properties)
        return .lowest(with: metadata.neededFeatures(type))
    }
}
