import ColumnBatches

extension SchemaElement {
    /// The schema of a file with some columns, parents first.
    static func elements(of schema: BatchSchema, _ options: ParquetWriterOptions) -> [SchemaElement] {
        var root = SchemaElement()
        root.name = "schema"
        root.childCount = schema.fields.count
        var elements = [root]
        for field in schema.fields {
            append(field.type, field.isNullable, path: [field.name], options, to: &elements)
        }
        return elements
    }

    private static func append(
        _ type: ColumnType,
        _ isNullable: Bool,
        path: [String],
        _ options: ParquetWriterOptions,
        to elements: inout [SchemaElement]
    ) {
        var element = SchemaElement()
        element.name = path.last ?? ""
        element.repetition = isNullable ? .optional : .required
        element.fieldID = options.columns[path]?.fieldID
        switch type {
        case .structure(let fields):
            element.childCount = fields.count
            elements.append(element)
            for field in fields {
                append(field.type, field.isNullable, path: path + [field.name], options, to: &elements)
            }
        case .list(let item):
            element.converted = .list
            element.logical = .list
            appendRepeated("list", 1, below: element, to: &elements)
            append(item.type, item.isNullable, path: path + ["list", "element"], options, to: &elements)
        case .map(let key, let value):
            element.converted = .map
            element.logical = .map
            appendRepeated("key_value", 2, below: element, to: &elements)
            append(key.type, false, path: path + ["key_value", "key"], options, to: &elements)
            append(value.type, value.isNullable, path: path + ["key_value", "value"], options, to: &elements)
        default:
            element.annotate(type)
            elements.append(element)
        }
    }

    /// A group of one repeated group, as lists and maps are.
    private static func appendRepeated(
        _ name: String,
        _ children: Int,
        below parent: SchemaElement,
        to elements: inout [SchemaElement]
    ) {
        var parent = parent
        parent.childCount = 1
        var repeated = SchemaElement()
        repeated.name = name
        repeated.repetition = .repeated
        repeated.childCount = children
        elements.append(parent)
        elements.append(repeated)
    }

    /// Sets physical type and both annotations; the older one only where it means the same.
    private mutating func annotate(_ leaf: ColumnType) {
        let layout = ColumnLayout(leaf)
        type = layout.physical
        typeLength = layout.fixedLength
        switch leaf {
        case .string: (converted, logical) = (.utf8, .string)
        case .decimal(let precision, let scale):
            (converted, logical) = (.decimal, .decimal(scale: scale, precision: precision))
            self.scale = scale
            self.precision = precision
        case .date: (converted, logical) = (.date, .date)
        case .timestamp: (converted, logical) = (.timestampMicros, .timestamp(isUTC: true, unit: .micros))
        // The older annotation stands for an instant.
        case .timestampNTZ: logical = .timestamp(isUTC: false, unit: .micros)
        case .time(.microseconds): logical = .time(isUTC: false, unit: .micros)
        case .time(.nanoseconds): logical = .time(isUTC: false, unit: .nanos)
        case .int8: (converted, logical) = (.int8, .integer(bits: 8, isSigned: true))
        case .int16: (converted, logical) = (.int16, .integer(bits: 16, isSigned: true))
        case .uint64: (converted, logical) = (.uint64, .integer(bits: 64, isSigned: false))
        case .boolean, .int32, .int64, .float, .double, .binary, .list, .structure, .map: break
        }
    }
}
