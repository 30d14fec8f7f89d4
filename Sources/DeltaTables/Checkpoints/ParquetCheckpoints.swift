import ColumnBatches
public import DeltaLog
public import ObjectStores
import ParquetFiles

/// Checkpoints in Parquet, for the transaction log.
public struct ParquetCheckpoints: CheckpointCodec {
    /// Makes a codec.
    public init() {}

    /// Reads a checkpoint, a part of one, or a sidecar.
    public func read(_ path: String, in store: any ObjectStore, content: CheckpointContent) async throws
        -> CheckpointPart
    {
        let reader = try await Self.open(path, in: store)
        var parser = CheckpointRows(reader: reader)
        let columns = parser.columns(for: content)
        guard !columns.isEmpty else { return CheckpointPart() }
        for try await batch in try reader.batches(columns: columns, batchRows: 16_384) {
            try parser.append(batch)
        }
        return parser.finish()
    }

    /// Opens a file so that it can be read again later without waiting: on disk by its descriptor, which outlives the
    /// file's name, and elsewhere as the bytes.
    private static func open(_ path: String, in store: any ObjectStore) async throws -> ParquetReader {
        if let local = store as? LocalObjectStore {
            return try ParquetReader(blocking: try LocalParquetFile(path: local.root + "/" + path))
        }
        return try ParquetReader(blocking: MemoryParquetSource(try await store.read(path)))
    }
}

extension ParquetCheckpoints {
    /// Row groups are kept small, so that a reader of a few files decodes few statistics.
    private static let rowGroupRows = 20_000

    /// Writes a checkpoint or a sidecar.
    public func write(
        _ actions: CheckpointActions,
        to path: String,
        in store: any ObjectStore,
        layout: CheckpointLayout
    ) async throws -> Int64 {
        let schema = CheckpointSchema(layout)
        var options = ParquetWriterOptions()
        options.rowGroupRows = Self.rowGroupRows
        let sink = Sink(
            parquet: try ParquetWriter(schema: schema.schema, options: options),
            object: try await store.makeWriter(path)
        )
        do {
            try await actions.forEachPiece { try await sink.append(schema.batch($0)) }
            return try await sink.finish()
        } catch {
            await sink.object.cancel()
            throw error
        }
    }

    /// A file that is being written.
    private final class Sink {
        private var parquet: ParquetWriter
        let object: any ObjectWriter

        init(parquet: consuming ParquetWriter, object: any ObjectWriter) {
            self.parquet = parquet
            self.object = object
        }

        func append(_ batch: ColumnBatch) async throws {
            try parquet.append(batch)
            for part in parquet.takeParts() { try await object.write(part) }
        }

        func finish() async throws -> Int64 {
            let summary = try parquet.finish()
            for part in parquet.takeParts() { try await object.write(part) }
            try await object.finish()
            return Int64(summary.byteCount)
        }
    }
}
