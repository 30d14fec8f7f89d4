import Foundation
import SourceConnectors
import SyncLedgers
@testable import SyncPipelines
import Testing

/// A change that makes a good configuration a wrong one, and what the error must say.
struct Mistake: Sendable, CustomTestStringConvertible {
    var path: String
    var says: [String]
    var find: String
    var replace: String

    init(_ find: String, _ replace: String, at path: String, _ says: String...) {
        (self.find, self.replace, self.path, self.says) = (find, replace, path, says)
    }

    var testDescription: String { "\(find) → \(replace)" }
}

@Suite("Wrong configurations") struct WrongConfigurationTests {
    static let good = """
        {"lake": "lake", "roster": "roster.json", "clientIDType": "string",
         "connections": {"eu": {"host": "db.eu", "port": 3306, "user": "sync", "password": {"env": "EU"}, "tls": "required", "readTimeoutSeconds": 60}},
         "schemas": {"shop": {"database": "shop_{client_id}", "defaults": {"mode": "merge"}}},
         "defaults": {"review": "none", "schedule": {"every": "day", "at": "02:30", "zone": "Europe/Berlin"}},
         "tables": [
          {"schema": "shop", "name": "orders", "cursor": "updated", "keys": ["id"], "columns": ["id", "note"],
           "filters": [{"column": "status", "op": "in", "values": ["paid", "sent"]}], "fill": ["note"], "columnMap": {"note": "memo"},
           "bronze": {"name": "orders_landed"}, "lineage": ["_run", "_source"], "mask": {"note": "hmac"}},
          {"schema": "shop", "name": "taxes", "cursor": null}],
         "clients": {"17": {"tables": {"shop.orders": {"columnMap": {"note": "txt"}, "skip": false, "schedule": {"cron": "0 6 * * 1"}}}}},
         "values": {"durations": "text"}, "maskKey": {"env": "MASK"},
         "guardrails": {"deletedRows": 5, "deletedPercent": 10},
         "limits": {"tasks": 4, "tasksPerRegion": 2, "attempts": 3, "leaseSeconds": 30}}
        """

    static let mistakes: [Mistake] = [
        Mistake(#""lake": "lake", "#, "", at: "", "lake", "missing", "add"),
        Mistake(#""lake": "lake""#, #""lake": """#, at: "", "names no folder"),
        Mistake(#""lake": "lake""#, #""lake": 5"#, at: "lake", "string", "number", "write"),
        Mistake(#""lake""#, #""lkae""#, at: "lkae", "did you mean \"lake\""),
        Mistake(
            #""clientIDType": "string""#,
            #""clientIDType": "strng""#,
            at: "clientIDType",
            "did you mean \"string\""
        ),
        Mistake(#""clientIDType": "string""#, #""clientIDType": "uuid""#, at: "clientIDType", "integer"),
        Mistake(#""clientIDType""#, #""clientIdTyp""#, at: "clientIdTyp", "did you mean \"clientIDType\""),
        Mistake(
            #""connections": {"eu""#,
            #""conections": {"eu""#,
            at: "conections",
            "did you mean \"connections\""
        ),
        Mistake(#""host": "db.eu", "#, "", at: "connections.eu", "host", "socket"),
        Mistake(
            #""host": "db.eu""#,
            #""host": "db.eu", "socket": "/s""#,
            at: "connections.eu",
            "leave the others out"
        ),
        Mistake(
            #""host": "db.eu""#,
            #""host": "db.eu", "folder": "/f""#,
            at: "connections.eu",
            "\"host\"",
            "leave one of them out"
        ),
        Mistake(#""host": "db.eu""#, #""hots": "db.eu""#, at: "connections.eu.hots", "did you mean \"host\""),
        Mistake(#""port": 3306"#, #""port": 0"#, at: "connections.eu.port", "1", "65535", "nearest"),
        Mistake(#""port": 3306"#, #""port": 70000"#, at: "connections.eu.port", "65535"),
        Mistake(#""port": 3306"#, #""port": "3306""#, at: "connections.eu.port", "whole number", "write"),
        Mistake(#""port": 3306"#, #""port": 33.5"#, at: "connections.eu.port", "whole number"),
        Mistake(#""user": "sync", "#, "", at: "connections.eu", "\"user\" is missing"),
        Mistake(#""user": "sync""#, #""user": null"#, at: "connections.eu", "\"user\" is missing"),
        Mistake(
            #"{"env": "EU"}"#,
            #""plain""#,
            at: "connections.eu.password",
            "does not stand in the file",
            "env"
        ),
        Mistake(#"{"env": "EU"}"#, "{}", at: "connections.eu.password", "env", "file"),
        Mistake(#"{"env": "EU"}"#, #"{"env": "EU", "file": "x"}"#, at: "connections.eu.password", "one of"),
        Mistake(
            #"{"env": "EU"}"#,
            #"{"enf": "EU"}"#,
            at: "connections.eu.password.enf",
            "did you mean \"env\""
        ),
        Mistake(
            #""tls": "required""#,
            #""tls": "require""#,
            at: "connections.eu.tls",
            "did you mean \"required\""
        ),
        Mistake(#""tls": "required""#, #""tls": true"#, at: "connections.eu.tls", "string"),
        Mistake(
            #""readTimeoutSeconds": 60"#,
            #""readTimeout": 60"#,
            at: "connections.eu.readTimeout",
            "known are"
        ),
        Mistake(
            #""readTimeoutSeconds": 60"#,
            #""readTimeoutSeconds": -1"#,
            at: "connections.eu.readTimeoutSeconds",
            "nearest"
        ),
        Mistake(#"{"database": "shop_{client_id}", "#, "{", at: "schemas.shop", "\"database\" is missing"),
        Mistake("{client_id}", "{client}", at: "schemas.shop.database", "did you mean \"client_id\""),
        Mistake("shop_{client_id}", "", at: "schemas.shop.database", "empty", "shop_{client_id}"),
        Mistake(#""database""#, #""databse""#, at: "schemas.shop.databse", "did you mean \"database\""),
        Mistake(
            #"{"shop": {"database""#,
            #"{"tributary": {"database""#,
            at: "schemas.tributary",
            "cannot be called"
        ),
        Mistake(#""mode": "merge""#, #""mode": "upsert""#, at: "schemas.shop.defaults.mode", "compare"),
        Mistake(
            #""mode": "merge""#,
            #""name": "x""#,
            at: "schemas.shop.defaults.name",
            "did you mean \"mode\""
        ),
        Mistake(
            #""review": "none""#,
            #""review": "requird""#,
            at: "defaults.review",
            "did you mean \"required\""
        ),
        Mistake(#""tables": ["#, #""tabels": ["#, at: "tabels", "did you mean \"tables\""),
        Mistake(
            #"{"schema": "shop", "name": "orders""#,
            #"{"schema": "shpo", "name": "orders""#,
            at: "tables[0].schema",
            "did you mean \"shop\""
        ),
        Mistake(
            #"{"schema": "shop", "name": "orders""#,
            #"{"name": "orders""#,
            at: "tables[0]",
            "\"schema\" is missing"
        ),
        Mistake(#""name": "orders", "#, "", at: "tables[0]", "\"name\" is missing"),
        Mistake(#""name": "orders""#, #""name": "a/b""#, at: "tables[0].name", "no name of a table"),
        Mistake(#""name": "taxes""#, #""name": "orders""#, at: "tables[1]", "twice"),
        Mistake(
            #""cursor": "updated""#,
            #""curser": "updated""#,
            at: "tables[0].curser",
            "did you mean \"cursor\""
        ),
        Mistake(#""cursor": "updated""#, #""cursor": """#, at: "tables[0].cursor", "null for none"),
        Mistake(
            #""cursor": "updated""#,
            #""cursor": ["updated"]"#,
            at: "tables[0].cursor",
            "string",
            "array"
        ),
        Mistake(
            #""cursor": "updated""#,
            #""cursor": ["updated", "UPDATED"]"#,
            at: "tables[0].cursor",
            "there twice"
        ),
        Mistake(#""keys": ["id"]"#, #""keys": []"#, at: "tables[0].keys", "names no column"),
        Mistake(#""keys": ["id"]"#, #""keys": "id""#, at: "tables[0].keys", "array", "write"),
        Mistake(#""keys": ["id"]"#, #""keys": ["id", "ID"]"#, at: "tables[0].keys", "twice"),
        Mistake(#""keys": ["id"]"#, #""keys": [1]"#, at: "tables[0].keys[0]", "string"),
        Mistake(#""columns": ["id", "note"]"#, #""columns": []"#, at: "tables[0].columns", "names no column"),
        Mistake(#""fill": ["note"]"#, #""fill": ["id"]"#, at: "tables[0].fill", "is a key", "leave it out"),
        Mistake(
            #""columnMap": {"note": "memo"}"#,
            #""columnMap": {"note": 5}"#,
            at: "tables[0].columnMap.note",
            "string"
        ),
        Mistake(#""op": "in""#, #""op": "one of""#, at: "tables[0].filters[0].op", "known are"),
        Mistake(#""op": "in""#, #""op": "=""#, at: "tables[0].filters[0]", "one \"value\"", "not 2"),
        Mistake(#""op": "in""#, #""op": "is null""#, at: "tables[0].filters[0]", "no value"),
        Mistake(#"{"column": "status", "#, "{", at: "tables[0].filters[0]", "\"column\" is missing"),
        Mistake(
            #"["paid", "sent"]"#,
            #"["paid", null]"#,
            at: "tables[0].filters[0].values[1]",
            "a string, a number"
        ),
        Mistake(
            #""shop.orders": {"columnMap""#,
            #""shop.order": {"columnMap""#,
            at: "clients.17.tables.shop.order",
            "did you mean \"shop.orders\""
        ),
        Mistake(
            #""skip": false"#,
            #""skip": "no""#,
            at: "clients.17.tables.shop.orders.skip",
            "true or false"
        ),
        Mistake(
            #""skip": false"#,
            #""skpi": false"#,
            at: "clients.17.tables.shop.orders.skpi",
            "did you mean \"skip\""
        ),
        Mistake(
            #"{"tables": {"shop.orders""#,
            #"{"table": {"shop.orders""#,
            at: "clients.17.table",
            "did you mean \"tables\""
        ),
        Mistake(
            #""cursor": null"#,
            #""cursor": null, "write": "append""#,
            at: "tables[1].write",
            "needs a cursor",
            "upsert"
        ),
        Mistake(
            #""cursor": null"#,
            #""cursor": null, "write": "histroy""#,
            at: "tables[1].write",
            "did you mean \"history\""
        ),
        Mistake(
            #""cursor": null"#,
            #""cursor": null, "write": "history", "deletes": "mark""#,
            at: "tables[1].deletes",
            "closes the last version"
        ),
        Mistake(
            #""cursor": null"#,
            #""cursor": null, "write": "history", "review": "required""#,
            at: "tables[1].review",
            "upsert"
        ),
        Mistake(
            #""cursor": null"#,
            #""cursor": null, "deletes": "mark", "review": "required""#,
            at: "tables[1].review",
            "mark"
        ),
        Mistake(
            #""fill": ["note"]"#,
            #""fill": ["note"], "write": "append""#,
            at: "tables[0].fill",
            "changes no row that is there"
        ),
        Mistake(
            #""cursor": null"#,
            #""cursor": "u", "write": "append", "findDeletes": "everyRun""#,
            at: "tables[1].findDeletes",
            "no row ever goes"
        ),
        Mistake(
            #""cursor": null"#,
            #""cursor": "u", "write": "append", "deletes": "mark""#,
            at: "tables[1].deletes",
            "no row ever goes"
        ),
        Mistake(
            #""cursor": null"#,
            #""cursor": "u", "bronze": true, "deletes": "keep""#,
            at: "tables[1].bronze",
            "leave \"bronze\" out"
        ),
        Mistake(
            #""cursor": null"#,
            #""cursor": "u", "deletes": "keep", "findDeletes": "everyRun""#,
            at: "tables[1].findDeletes",
            "leave one of the two out"
        ),
        Mistake(
            #""cursor": null"#,
            #""cursor": "u", "findDeletes": "everyrun""#,
            at: "tables[1].findDeletes",
            "did you mean \"everyRun\""
        ),
        Mistake(
            #""cursor": null"#,
            #""cursor": {"expression": "GREATEST(a, b)"}"#,
            at: "tables[1].cursor",
            "type"
        ),
        Mistake(
            #""cursor": null"#,
            #""cursor": {"expression": "GREATEST(a, b)", "type": "timestmp"}"#,
            at: "tables[1].cursor.type",
            "did you mean \"timestamp\""
        ),
        Mistake(
            #""cursor": null"#,
            #""cursor": {"expresion": "GREATEST(a, b)", "type": "timestamp"}"#,
            at: "tables[1].cursor.expresion",
            "did you mean \"expression\""
        ),
        Mistake(
            #""cursor": null"#,
            #""cursor": {"expression": "a; DROP TABLE t", "type": "timestamp"}"#,
            at: "tables[1].cursor.expression",
            "no statement"
        ),
        Mistake(
            #""cursor": null"#,
            #""cursor": {"expression": "GREATEST(a, b", "type": "timestamp"}"#,
            at: "tables[1].cursor.expression",
            "close it"
        ),
        Mistake(
            #""cursor": null"#,
            #""cursor": {"expression": "GREATEST(a, b)", "type": "timestamp"}, "write": "append""#,
            at: "tables[1].write",
            "an expression is none"
        ),
        Mistake(
            #""cursor": null"#,
            #""cursor": null, "findDeletes": "history""#,
            at: "tables[1].findDeletes",
            "name that column as \"cursor\""
        ),
        Mistake(
            #""cursor": null"#,
            #""cursor": "since", "findDeletes": "history", "review": "required""#,
            at: "tables[1].findDeletes",
            "write \"everyRun\" or a schedule"
        ),
        Mistake(
            #""cursor": null"#,
            #""cursor": "since", "findDeletes": "histroy""#,
            at: "tables[1].findDeletes",
            "did you mean \"history\""
        ),
        Mistake(
            #""durations": "text""#,
            #""durations": "txt""#,
            at: "values.durations",
            "did you mean \"text\""
        ),
        Mistake(
            #""deletedPercent": 10"#,
            #""deletedPercent": 200"#,
            at: "guardrails.deletedPercent",
            "nearest that is allowed is 100"
        ),
        Mistake(
            #""deletedRows": 5"#,
            #""deletedRow": 5"#,
            at: "guardrails.deletedRow",
            "did you mean \"deletedRows\""
        ),
        Mistake(#""tasks": 4"#, #""tasks": "four""#, at: "limits.tasks", "whole number"),
        Mistake(#""tasks": 4"#, #""tasks": 0"#, at: "limits.tasks", "nearest that is allowed is 1"),
        Mistake(
            #""tasksPerRegion""#,
            #""tasksPerRegon""#,
            at: "limits.tasksPerRegon",
            "did you mean \"tasksPerRegion\""
        ),
        Mistake(#""leaseSeconds": 30"#, #""leaseSeconds": 2"#, at: "limits.leaseSeconds", "at least 5", "0"),
        Mistake(#"{"name": "orders_landed"}"#, #""orders_landed""#, at: "tables[0].bronze", "true or false"),
        Mistake(
            #""name": "orders_landed""#,
            #""nmae": "orders_landed""#,
            at: "tables[0].bronze.nmae",
            "did you mean \"name\""
        ),
        Mistake(
            #""name": "orders_landed""#,
            #""name": "a/b""#,
            at: "tables[0].bronze.name",
            "no name of a table"
        ),
        Mistake(
            #""name": "orders_landed""#,
            #""name": "taxes""#,
            at: "tables[0].bronze",
            "shop.taxes",
            "another name"
        ),
        Mistake(#"["_run", "_source"]"#, #""all""#, at: "tables[0].lineage", "true or false"),
        Mistake(#""_source""#, #""_sources""#, at: "tables[0].lineage[1]", "did you mean \"_source\""),
        Mistake(#""_source""#, #""_run""#, at: "tables[0].lineage[1]", "twice"),
        Mistake(#"{"note": "hmac"}"#, #"{"note": "hash"}"#, at: "tables[0].mask.note", "none of", "drop"),
        Mistake(#", "maskKey": {"env": "MASK"}"#, "", at: "tables[0].mask", "maskKey"),
        Mistake(
            #"{"cron": "0 6 * * 1"}"#,
            #"{"cron": "0 25 * * 1"}"#,
            at: "clients.17.tables.shop.orders.schedule.cron",
            "23"
        ),
        Mistake(
            #""limits": {"tasks""#,
            #""limits": [], "limitz": {"tasks""#,
            at: "limitz",
            "did you mean \"limits\""
        ),
    ]

    @Test("the good one is good")
    func good() throws {
        let configuration = try SyncConfiguration(json: Self.good)
        #expect(configuration.tables.count == 2 && configuration.guardrails.deletedRows == 5)
    }

    @Test("each mistake is named with its place, the reason and a cure", arguments: mistakes)
    func mistake(mistake: Mistake) throws {
        #expect(Self.good.contains(mistake.find))
        let range = try #require(Self.good.range(of: mistake.find))
        let wrong = Self.good.replacingCharacters(in: range, with: mistake.replace)
        #expect {
            _ = try SyncConfiguration(json: wrong)
        } throws: { error in
            guard let error = error as? SyncError else { return false }
            let message = error.message
            let isNamed = mistake.says.allSatisfy { message.contains($0) }
            if error.path != mistake.path || !isNamed { print("got \(error)") }
            return error.path == mistake.path && isNamed && error.code == .invalidConfiguration
        }
    }

    @Test("a key that is there twice is named with its line, at any depth")
    func twice() {
        for (find, replace) in [
            (#""lake": "lake""#, #""lake": "lake", "lake": "other""#),
            (#""port": 3306"#, #""port": 3306, "port": 1"#),
        ] {
            let name = find.split(separator: "\"")[0]
            #expect {
                _ = try SyncConfiguration(json: Self.good.replacing(find, with: replace))
            } throws: { error in
                let text = "\(error)"
                return text.contains("\"\(name)\" is there twice") && text.contains("line")
            }
        }
    }

    @Test("there are sixty of them")
    func count() {
        #expect(Self.mistakes.count >= 60)
    }

    @Test("the published schema names exactly the keys that are known")
    func schema() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../Documentation/schemas/configuration.schema.json"
        )
        let schema = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any]
        )
        let definitions = try #require(schema["$defs"] as? [String: [String: Any]])
        let places: [(String, String, String)] = [
            ("", #""lake": "lake""#, #""qqqqqqqqqqqqqqqq": 1, "lake": "lake""#),
            ("connection", #""host": "db.eu""#, #""qqqqqqqqqqqqqqqq": 1, "host": "db.eu""#),
            ("schema", #""database": "#, #""qqqqqqqqqqqqqqqq": 1, "database": "#),
            ("table", #""name": "orders""#, #""qqqqqqqqqqqqqqqq": 1, "name": "orders""#),
            ("tableDefaults", #""review": "none""#, #""qqqqqqqqqqqqqqqq": 1, "review": "none""#),
            ("override", #""skip": false"#, #""qqqqqqqqqqqqqqqq": 1, "skip": false"#),
            ("filter", #""op": "in""#, #""qqqqqqqqqqqqqqqq": 1, "op": "in""#),
            ("limits", #""tasks": 4"#, #""qqqqqqqqqqqqqqqq": 1, "tasks": 4"#),
            ("guardrails", #""deletedRows": 5"#, #""qqqqqqqqqqqqqqqq": 1, "deletedRows": 5"#),
            ("values", #""durations": "text""#, #""qqqqqqqqqqqqqqqq": 1, "durations": "text""#),
            ("schedule", #""every": "day""#, #""qqqqqqqqqqqqqqqq": 1, "every": "day""#),
        ]
        for (name, find, replace) in places {
            let object = name.isEmpty ? schema : try #require(definitions[name])
            let published = try #require(object["properties"] as? [String: Any]).keys
            let range = try #require(Self.good.range(of: find))
            do {
                _ = try SyncConfiguration(json: Self.good.replacingCharacters(in: range, with: replace))
                Issue.record("\(name): an unknown key is taken")
            } catch {
                let list = try #require(error.message.components(separatedBy: "known are ").last)
                #expect(list == published.sorted().joined(separator: ", "), "\(name)")
            }
        }
    }
}

@Suite("SyncConfiguration") struct SyncConfigurationTests {
    @Test("defaults reach tables, a schema's before the common ones, a table's own before both")
    func defaults() throws {
        let configuration = try SyncConfiguration(
            json: """
                {"lake": "l", "defaults": {"cursor": "a", "review": "required", "mode": "compare"},
                 "schemas": {"s": {"database": "d", "defaults": {"cursor": "b"}}, "t": {"database": "e"}},
                 "tables": [{"schema": "s", "name": "x"}, {"schema": "t", "name": "y", "mode": "merge"}, {"schema": "s", "name": "z", "cursor": null}]}
                """
        )
        #expect(configuration.tables.map(\.cursor) == [.column("b"), .column("a"), .none])
        #expect(configuration.tables.map(\.review) == [.required, .required, .required])
        #expect(configuration.tables.map(\.mode) == [.compare, .merge, .compare])
    }

    @Test("a cursor may be several columns, for all clients or for one")
    func severalColumns() throws {
        let configuration = try SyncConfiguration(
            json: """
                {"lake": "l", "schemas": {"s": {"database": "d"}},
                 "tables": [{"schema": "s", "name": "x", "cursor": ["updated_at", "created_at"]}],
                 "clients": {"7": {"tables": {"x": {"cursor": ["b", "a"]}}}}}
                """
        )
        #expect(configuration.tables.map(\.cursor) == [.columns(["updated_at", "created_at"])])
        let roster = Roster(entries: [RosterEntry(client: "7", region: "eu", connection: "c")])
        let tasks = try configuration.tasks(TaskSelection(regions: .all), roster: roster)
        #expect(tasks.map(\.template.cursor) == [.columns(["b", "a"])])
    }

    @Test("a client may have another name, cursor, keys and mode for a table")
    func overrides() throws {
        let configuration = try SyncConfiguration(
            json: """
                {"lake": "l", "schemas": {"s": {"database": "d"}}, "tables": [{"schema": "s", "name": "x", "cursor": "a"}],
                 "clients": {"7": {"tables": {"x": {"table": "x_old", "cursor": null, "keys": ["k"], "mode": "compare", "review": "required"}}}}}
                """
        )
        let roster = Roster(
            entries: ["7", "8"].map { RosterEntry(client: $0, region: "eu", connection: "c") }
        )
        let tasks = try configuration.tasks(TaskSelection(regions: .all), roster: roster)
        #expect(
            tasks.map(\.sourceTable.table) == ["x_old", "x"] && tasks.map(\.identity.table) == ["x", "x"]
        )
        #expect(tasks[0].template.cursor == .none && tasks[0].template.keys == ["k"])
        #expect(tasks[0].template.review == .required && tasks[1].template.review == .none)
    }

    @Test("a job's file extends another, and an endless chain is refused")
    func extends() throws {
        let folder =
            FileManager.default.temporaryDirectory.appending(path: "trib-\(UUID().uuidString)").path + "/"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func write(_ name: String, _ text: String) throws {
            try text.write(toFile: folder + name, atomically: true, encoding: .utf8)
        }
        try write(
            "base.json",
            #"{"lake": "lake", "schemas": {"s": {"database": "d"}}, "tables": [{"schema": "s", "name": "x", "cursor": "a", "keys": ["k"]}], "limits": {"tasks": 2, "attempts": 9}}"#
        )
        try write(
            "nightly.json",
            #"{"extends": "base.json", "tables": [{"schema": "s", "name": "x", "cursor": null}, {"schema": "s", "name": "y"}], "limits": {"tasks": 8}}"#
        )
        try write("loop.json", #"{"extends": "loop.json"}"#)
        let job = try SyncConfiguration(contentsOf: folder + "nightly.json")
        #expect(job.lake == folder + "lake" && job.tables.map(\.name) == ["x", "y"])
        #expect(job.tables[0].cursor == .none && job.tables[0].keys == ["k"])
        #expect(job.limits.tasks == 8 && job.limits.attempts == 9)
        #expect(throws: SyncError.self) { try SyncConfiguration(contentsOf: folder + "loop.json") }
    }

    @Test("a list of watermarks becomes tables")
    func watermarks() throws {
        let list = try WatermarkImport(
            json: """
                [{"TableName": "dbo.orders", "WatermarkColumn": "LastModifytime", "WatermarkValue": "2026-11-01T00:00:00Z"},
                 {"TABLE_NAME": "customers", "WaterMark_Column": "updated_at"}, {"tableName": "taxes"}]
                """
        )
        #expect(list.tables.map(\.name) == ["orders", "customers", "taxes"])
        #expect(list.tables.map(\.cursor) == ["LastModifytime", "updated_at", nil])
        #expect(list.notes.contains { $0.contains("2026-11-01") })
        var draft = ConfigurationDraft(
            schema: "shop",
            database: "shop_{client_id}",
            connection: "eu",
            settings: ConnectionSettings(host: "db", user: "sync", password: .environment("EU"))
        )
        draft.tables = list.tables
        let configuration = try SyncConfiguration(json: draft.json)
        #expect(
            configuration.tables.map(\.cursor) == [.column("LastModifytime"), .column("updated_at"), .none]
        )
        #expect(throws: SyncError.self) { try WatermarkImport(json: #"[{"Tabel": "x"}]"#) }
    }
}
