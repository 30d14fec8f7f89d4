/// A V2 checkpoint, or a part of one, as lines of JSON.
enum JSONCheckpoint {
    /// Reads the lines.
    ///
    /// - Throws: `DeltaLogError` that names the line that cannot be read.
    static func read(_ bytes: [UInt8], of checkpoint: LogListing.Checkpoint, table: String)
        throws(DeltaLogError) -> CheckpointPart
    {
        var part = CheckpointPart()
        var texts: [String?] = []
        var partitions: [[String: String?]: Int] = [:]
        try LogLines.read(bytes, table: table, version: checkpoint.version) { scanned throws(ActionFailure) in
            switch scanned {
            case .add(let raw):
                let file = try raw.add(bytes)
                part.files.append(file, partitions: &partitions)
                part.files.statisticsRows.append(texts.count)
                texts.append(file.stats)
            case .remove(let raw): part.actions.append(.remove(try raw.remove(bytes)))
            case .other(let action): part.actions.append(action)
            }
        }
        part.files.statistics = StatisticsTexts(texts: texts)
        return part
    }

    private struct StatisticsTexts: CheckpointStatistics {
        let texts: [String?]

        func text(row: Int) -> String? { texts.indices.contains(row) ? texts[row] : nil }
    }
}

extension CheckpointFiles {
    /// Adds a file, its statistics aside.
    public mutating func append(_ file: AddFile, partitions known: inout [[String: String?]: Int]) {
        pathBytes += Array(file.path.utf8)
        pathEnds.append(pathBytes.count)
        sizes.append(file.size)
        modificationTimes.append(file.modificationTime)
        let index = known[file.partitionValues] ?? partitions.count
        if index == partitions.count {
            partitions.append(file.partitionValues)
            known[file.partitionValues] = index
        }
        partitionIndices.append(index)
        if !FileExtras(file).isEmpty {
            var rare = file
            rare.stats = nil
            others[count - 1] = rare
        }
    }
}
