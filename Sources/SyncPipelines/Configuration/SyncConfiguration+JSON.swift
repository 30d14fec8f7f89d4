import ColumnBatches
import DeltaLog
import FoundationEssentials
import SourceConnectors

extension SyncConfiguration {
    /// Reads a configuration file; relative paths in it start at its folder.
    ///
    /// - Throws: `SyncError` that names the place in the file, the reason, and the cure.
    public init(contentsOf file: String) throws(SyncError) {
        let folder = file.contains("/") ? String(file[...(file.lastIndex(of: "/") ?? file.startIndex)]) : ""
        try self.init(json: try Self.text(of: file), file: file, folder: folder)
    }

    /// Reads a configuration from text.
    ///
    /// - Parameters:
    ///   - json: The text.
    ///   - file: The name of the file, for errors.
    ///   - folder: Where relative paths start: empty, or with a slash at its end.
    /// - Throws: `SyncError` that names the place in the text, the reason, and the cure.
    public init(json: String, file: String = "the configuration", folder: String = "") throws(SyncError) {
        let root = try Self.root(json: json, file: file, folder: folder)
        let members = try root.members([
            "$schema", "extends", "lake", "roster", "clientIDType", "connections", "schemas", "defaults",
            "tables",
            "clients", "limits", "values", "guardrails", "maskKey", "notify",
        ])
        self.init(
            lake: Self.path(try members.required("lake", of: root).text(), in: folder),
            schemas: [:],
            tables: []
        )
        if let node = members.present("roster") {
            if case .object = node.value {
                rosterService = try HTTPRosterSettings(node, folder: folder)
            } else {
                rosterFile = Self.path(try node.text(), in: folder)
            }
        }
        if let node = members.present("clientIDType") { clientIDType = try node.choice(ClientIDType.self) }
        if let node = members.present("connections") {
            for (name, member) in try node.members() {
                connections[name] = try ConnectionSettings(member, folder: folder)
            }
        }
        if lake.isEmpty { throw root.failure("\"lake\" names no folder; write the lake's, such as \"lake\"") }
        var defaults = TableDefaults(values: ValuePolicy())
        if let node = members.present("values") {
            defaults.values = try ValuePolicy(node, over: ValuePolicy())
        }
        if let node = members.present("defaults") { defaults.members = try node.members(TableDefaults.keys) }
        var schemaDefaults: [String: TableDefaults] = [:]
        for (name, member) in try members.required("schemas", of: root).members() {
            let settings = try member.members(["database", "defaults"])
            schemas[name] = try SchemaSettings(name: name, settings, of: member)
            schemaDefaults[name] = defaults
            if let node = settings.present("defaults") {
                let own = try node.members(TableDefaults.keys)
                schemaDefaults[name]?.members.merge(own) { $1 }
            }
        }
        for node in try members.required("tables", of: root).elements() {
            tables.append(try TableTemplate(node, schemas: schemas, defaults: schemaDefaults))
        }
        let names = tables.map(\.qualifiedName)
        for (index, name) in names.enumerated() where names[..<index].contains(name) {
            throw SyncError(
                .invalidConfiguration,
                step: "configuration",
                path: "tables[\(index)]",
                message: "the table \(name) is configured twice; leave one of them out"
            )
        }
        try refuseSharedFolders()
        if let node = members.present("notify") {
            notify = try NotificationSettings(node, folder: folder)
        }
        if let node = members.present("maskKey") {
            maskKey = try SecretReference(node, of: "a key", folder: folder)
        }
        for (index, table) in tables.enumerated() where maskKey == nil {
            guard let column = table.mask.first(where: { $0.value != .drop })?.key else { continue }
            throw SyncError(
                .invalidConfiguration,
                step: "configuration",
                path: "tables[\(index)].mask",
                message: "the column \"\(column)\" needs a key; add \"maskKey\": {\"env\": \"NAME\"}"
            )
        }
        if let node = members.present("clients") {
            for (client, member) in try node.members() {
                clients[client] = try ClientOverride.all(member, tables: tables)
            }
        }
        if let node = members.present("limits") { limits = try Limits(node) }
        if let node = members.present("guardrails") { guardrails = try Guardrails(node) }
    }

    /// Reads the roster that the configuration names.
    ///
    /// - Throws: `SyncError` that names the place in the roster's file.
    public func loadRoster() throws(SyncError) -> Roster {
        guard let rosterFile else {
            throw SyncError(
                .invalidConfiguration,
                step: "configuration",
                path: "roster",
                message: "no roster is named; name its file under \"roster\""
            )
        }
        return try Roster(json: try Self.text(of: rosterFile), file: rosterFile, configuration: self)
    }

    private static func text(of file: String) throws(SyncError) -> String {
        do {
            return try String(contentsOfFile: file, encoding: .utf8)
        } catch {
            throw SyncError(
                .invalidConfiguration,
                step: "configuration",
                message: "the file \(file) cannot be read as UTF-8 text; check its path and its permissions"
            )
        }
    }

    private static func path(_ path: String, in folder: String) -> String {
        path.hasPrefix("/") ? path : folder + path
    }

    /// The text as a node, over the files that it extends.
    private static func root(json: String, file: String, folder: String, depth: Int = 0) throws(SyncError)
        -> ConfigurationNode
    {
        let own = try ConfigurationNode(json: json, file: file)
        guard let extended = try own.members()["extends"] else { return own }
        guard depth < 8 else {
            throw extended.failure(
                "the files extend one another without an end; leave \"extends\" out of one"
            )
        }
        let path = path(try extended.text(), in: folder)
        let base = try root(json: try text(of: path), file: path, folder: folder, depth: depth + 1)
        return own.over(base)
    }
}

extension ConnectionSettings {
    fileprivate init(_ node: ConfigurationNode, folder: String) throws(SyncError) {
        if let files = try Self.files(node) {
            self.init(folder: files.hasPrefix("/") ? files : folder + files)
            return
        }
        let members = try node.members([
            "host", "port", "socket", "user", "password", "tls", "ca", "readTimeoutSeconds",
            "connectTimeoutSeconds", "certificate", "key", "logins", "statementSeconds", "lockWaitSeconds",
            "rowsPerSecond", "folder", "snapshotLock",
        ])
        self.init(user: try members.required("user", of: node).text())
        host = try members.present("host")?.text()
        socket = try members.present("socket")?.text()
        guard (host == nil) != (socket == nil) else {
            throw node.failure("needs one of \"host\", \"socket\" and \"folder\"; leave the others out")
        }
        if let node = members.present("port") { port = try node.integer(in: 1...65_535) }
        if let node = members.present("tls") { tls = try node.choice(TLS.self) }
        func file(_ name: String) throws(SyncError) -> String? {
            guard let path = try members.present(name)?.text() else { return nil }
            return path.hasPrefix("/") ? path : folder + path
        }
        certificateAuthority = try file("ca")
        certificate = try file("certificate")
        key = try file("key")
        logins = try members.present("logins")?.texts()
        if let node = members.present("tls"), tls == .disabled,
            certificateAuthority != nil || certificate != nil || key != nil
        {
            throw node.failure("is \"disabled\", but certificates are named; leave one of the two out")
        }
        if (certificate == nil) != (key == nil) {
            throw node.failure("\"certificate\" and \"key\" belong together; name both")
        }
        if let node = members.present("readTimeoutSeconds") { readTimeout = try node.integer(in: 1...86_400) }
        statementSeconds = try members.present("statementSeconds")?.integer(in: 1...604_800)
        lockWaitSeconds = try members.present("lockWaitSeconds")?.integer(in: 1...86_400)
        rowsPerSecond = try members.present("rowsPerSecond")?.integer(in: 1...1_000_000_000)
        if let node = members.present("snapshotLock") { snapshotLock = try node.choice(SnapshotLock.self) }
        if let node = members.present("connectTimeoutSeconds") {
            connectTimeout = try node.integer(in: 1...600)
        }
        if let secret = members.present("password") {
            password = try SecretReference(secret, of: "a password", folder: folder)
        }
    }
}

extension SecretReference {
    /// Reads a reference of a configuration; a secret itself is refused.
    init(_ node: ConfigurationNode, of what: String, folder: String) throws(SyncError) {
        if case .string = node.value {
            throw node.failure(
                "\(what) does not stand in the file; refer to it: {\"env\": \"NAME\"} or {\"file\": \"PATH\"}"
            )
        }
        let reference = try node.members(["env", "file", "provider"])
        switch (reference.present("env"), reference.present("file"), reference.present("provider")) {
        case (let name?, nil, nil): self = .environment(try name.text())
        case (nil, nil, let name?): self = .provider(try name.text())
        case (nil, let file?, nil):
            let path = try file.text()
            self = .file(path.hasPrefix("/") ? path : folder + path)
        default:
            throw node.failure("needs one of \"env\", \"file\" and \"provider\"; write {\"env\": \"NAME\"}")
        }
    }
}

extension ConnectionSettings {
    /// The folder of a connection that has one; nothing else belongs there.
    private static func files(_ node: ConfigurationNode) throws(SyncError) -> String? {
        guard let folder = try node.members().present("folder") else { return nil }
        let members = try node.members()
        if let other = members.keys.sorted().first(where: { $0 != "folder" }) {
            throw node.failure(
                "\"folder\" names a folder of SQLite files, for which \"\(other)\" means nothing; leave one of them out"
            )
        }
        let path = try folder.text()
        guard !path.isEmpty else { throw folder.failure("is empty; write the path of a folder") }
        return path
    }
}

extension RowFilter {
    static func list(_ node: ConfigurationNode) throws(SyncError) -> [RowFilter] {
        var filters: [RowFilter] = []
        for element in try node.elements() { filters.append(try RowFilter(element)) }
        return filters
    }

    private init(_ node: ConfigurationNode) throws(SyncError) {
        let members = try node.members(["column", "op", "value", "values"])
        let column = try members.required("column", of: node).text()
        let comparison = try members.required("op", of: node).choice(Comparison.self)
        var values: [ColumnValue] = []
        if let node = members.present("value") { values.append(try node.scalar()) }
        if let node = members.present("values") {
            for element in try node.elements() { values.append(try element.scalar()) }
        }
        let fits =
            switch comparison {
            case .isNull, .isNotNull: values.isEmpty
            case .oneOf, .noneOf: !values.isEmpty
            default: values.count == 1
            }
        guard fits else {
            throw node.failure(
                "\"\(comparison.rawValue)\" takes \(comparison.valueCount), not \(values.count)"
            )
        }
        self.init(column, comparison, values)
    }
}

extension RowFilter.Comparison {
    fileprivate var valueCount: String {
        switch self {
        case .isNull, .isNotNull: "no value"
        case .oneOf, .noneOf: "at least one of \"values\""
        default: "one \"value\""
        }
    }
}

extension ConfigurationNode {
    func scalar() throws(SyncError) -> ColumnValue {
        switch value {
        case .string(let text): return .string(text)
        case .boolean(let bit): return .boolean(bit)
        case .number(let digits):
            if let number = Int64(digits) { return .integer(number) }
            if let number = Double(digits) { return .double(number) }
            throw failure("\(digits) is no number that fits")
        default: throw failure("must be a string, a number, true or false")
        }
    }
}
