import ColumnBatches

extension ChangeSet {
    /// The rows at some locations in the order of their first key column, where that has an order in memory; else as
    /// they came.
    ///
    /// Rows in key order make statistics by which later merges pass pages and files over.
    func inKeyOrder(_ locations: [Location]) -> [Location] {
        var numbered: [(key: Int64, location: Location)] = []
        numbered.reserveCapacity(locations.count)
        let columns = batches.map { $0.column(keyColumns[0]) }
        for location in locations {
            let row = Int(location.row)
            switch columns[Int(location.batch)]?.storage {
            case .int64(let values)?: numbered.append((values[row], location))
            case .int32(let values)?: numbered.append((Int64(values[row]), location))
            default: return locations.sorted { ($0.batch, $0.row) < ($1.batch, $1.row) }
            }
        }
        numbered.sort {
            ($0.key, $0.location.batch, $0.location.row) < ($1.key, $1.location.batch, $1.location.row)
        }
        return numbered.map(\.location)
    }

    /// The rows at some locations, in their order.
    func rows(_ locations: ArraySlice<Location>) -> ColumnBatch {
        let schema = batches[Int(locations[locations.startIndex].batch)].schema
        let columns = schema.fields.indices.map { index in
            var builder = ColumnBuilder(schema.fields[index].type)
            var next = locations.startIndex
            while next < locations.endIndex {
                let first = locations[next]
                var end = first.row + 1
                next += 1
                while next < locations.endIndex, locations[next].batch == first.batch,
                    locations[next].row == end
                {
                    end += 1
                    next += 1
                }
                builder.append(
                    contentsOf: batches[Int(first.batch)].columns[index],
                    rows: Int(first.row)..<Int(end)
                )
            }
            return builder.finish()
        }
        return ColumnBatch(schema: schema, columns: columns, rowCount: locations.count)
    }
}
