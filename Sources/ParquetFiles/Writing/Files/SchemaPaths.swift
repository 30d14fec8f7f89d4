import ColumnBatches

/// The paths that a file with some columns has, groups included.
enum SchemaPaths {
    static func all(of schema: BatchSchema) -> [[String]] {
        var paths: [[String]] = []
        for field in schema.fields { append(field.type, [field.name], to: &paths) }
        return paths
    }

    private static func append(_ type: ColumnType, _ path: [String], to paths: inout [[String]]) {
        paths.append(path)
        switch type {
        case .structure(let fields):
            for field in fields { append(field.type, path + [field.name], to: &paths) }
        case .list(let element): append(element.type, path + ["list", "element"], to: &paths)
        case .map(let key, let value):
            append(key.type, path + ["key_value", "key"], to: &paths)
            append(value.type, path + ["key_value", "value"], to: &paths)
        default: break
        }
    }
}
