import ColumnBatches
import DeltaTables
import SourceConnectors
@testable import SyncPipelines
import Testing

@Suite("Schema drift") struct DriftTests {
    static let all = TaskSelection(regions: .all)

    private func column(
        _ name: String,
        _ declaration: String,
        null: Bool = true,
        collation: String? = nil
    ) -> TableShape.Column {
        TableShape.Column(name: name, declaration: declaration, isNullable: null, collation: collation)
    }

    @Test("each kind of difference is named, and nothing else is")
    func kinds() {
        let old = TableShape(
            columns: [
                column("id", "bigint(20)", null: false),
                column("name", "varchar(40)", collation: "utf8mb4_general_ci"),
                column("amount", "decimal(10,2)"), column("count", "int(11)"), column("old", "text"),
                column("mail", "varchar(80)"),
            ],
            keys: ["id"]
        )
        let new = TableShape(
            columns: [
                column("id", "bigint(20)", null: false),
                column("name", "varchar(20)", collation: "latin1_swedish_ci"),
                column("amount", "decimal(12,3)", null: false), column("count", "bigint(20)"),
                column("vat", "int(11)"), column("email", "varchar(80)"),
            ],
            keys: ["id", "count"]
        )
        #expect(
            Set(SchemaDrift.find(from: old, to: new).map(\.text)) == [
                "renamed email: mail → email varchar(80) null", "added vat: int(11) null",
                "dropped old: text null", "narrowed name: varchar(40) → varchar(20)",
                "collation name: utf8mb4_general_ci → latin1_swedish_ci",
                "widened amount: decimal(10,2) → decimal(12,3)", "nullability amount: null → not null",
                "widened count: int(11) → bigint(20)", "keys id, count: id → id, count",
            ]
        )
        #expect(SchemaDrift.find(from: old, to: old).isEmpty)
        // The width by which a whole number is shown says nothing of its values; names are compared without case.
        let shown = TableShape(columns: [column("ID", "bigint(5)", null: false)], keys: ["ID"])
        #expect(
            SchemaDrift.find(from: TableShape(columns: [old.columns[0]], keys: ["id"]), to: shown).isEmpty
        )
    }

    @Test(
        "declared types compare as their values do",
        arguments: [
            ("decimal(10,2)", "decimal(10,3)", DeclaredType.Step.other),
            ("decimal(10,2)", "decimal(8,2)", .narrower),
            ("int(11)", "int(11) unsigned", .other), ("varchar(10)", "text", .wider),
            ("mediumtext", "text", .narrower), ("smallint(6)", "int(4)", .wider),
            ("datetime", "datetime(6)", .wider),
            ("datetime(6)", "datetime", .narrower), ("date", "datetime", .wider), ("text", "int(11)", .other),
        ]
    )
    func declarations(old: String, new: String, step: DeclaredType.Step) {
        #expect(DeclaredType(old).step(to: DeclaredType(new)) == step)
    }

    /// A fleet that was brought once.
    private func brought(_ change: (inout TableTemplate) -> Void = { _ in }) async throws -> MemoryFleet {
        var fleet = MemoryFleet()
        change(&fleet.configuration.tables[0])
        for client in ["c1", "c2"] {
            fleet.commit(
                client,
                (1...5).map { MemoryFleet.row($0, "first", at: MemoryFleet.start - 60_000_000) }
            )
        }
        #expect(try await fleet.pipeline.prepare(Self.all).succeeded)
        #expect(try await fleet.pipeline.run(Self.all).succeeded)
        fleet.tick(100)
        return fleet
    }

    private func alter(_ fleet: MemoryFleet, _ change: (inout TableDescription) -> Void) {
        fleet.databases["c1"]?.update { state in
            if var table = state.tables[MemoryFleet.table] {
                change(&table.description)
                state.tables[MemoryFleet.table] = table
            }
        }
    }

    /// Runs both clients; the second, which nobody changed, must be brought in any case.
    private func run(_ fleet: MemoryFleet) async throws -> TaskReport {
        let report = try await fleet.pipeline.run(Self.all)
        #expect(report.tasks[1].error == nil && report.tasks[1].drift.isEmpty)
        for drift in report.tasks[0].drift {
            #expect(report.text.contains(drift.text) && report.html.contains(drift.kind.rawValue))
        }
        return report.tasks[0]
    }

    @Test("what harms nothing is told once and the client is brought, or stops it where the rule says so")
    func harmless() async throws {
        for fails in [false, true] {
            let fleet = try await brought {
                if fails { $0.drift.nullability = .fail }
            }
            alter(fleet) { $0.columns[2].isNullable = false }
            let plan = try await fleet.pipeline.plan(Self.all)
            #expect(plan.tasks[0].drift.map(\.kind) == [.nullability] && plan.text.contains("DRIFT eu/1"))
            #expect((plan.tasks[0].problem != nil) == fails)
            let first = try await run(fleet)
            #expect(first.drift.map(\.kind) == [.nullability])
            #expect(first.drift[0].action == (fails ? .failed : .ignored))
            #expect((first.error?.code == "schemaDrift") == fails)
            let second = try await run(fleet)
            #expect(second.drift.isEmpty != fails)
        }
    }

    @Test(
        "a type that the lake does not hold stops the client alone; widened by prepare where the rule says so"
    )
    func widened() async throws {
        for follows in [false, true] {
            let fleet = try await brought {
                if follows { $0.drift.widened = .add }
            }
            alter(fleet) {
                $0.columns[1].type = .decimal(precision: 14, scale: 2)
                $0.columns[1].sourceType = "decimal(14,2)"
            }
            let stopped = try await run(fleet)
            #expect(stopped.error?.code == "schemaDrift" && stopped.drift.map(\.kind) == [.widened])
            #expect(stopped.error?.message.contains(follows ? "run prepare" : "columnMap") == true)
            let prepared = try await fleet.pipeline.prepare(Self.all)
            #expect(prepared.succeeded, "\(prepared.text)")
            let after = try await run(fleet)
            #expect((after.error == nil) == follows)
            guard follows else { continue }
            fleet.commit("c1", [MemoryFleet.row(6, "wide", at: MemoryFleet.start + 50_000_000)])
            fleet.tick(100)
            #expect(try await run(fleet).rowsInserted == 1)
            try await fleet.expectEqual()
        }
    }

    @Test("a column that seems to have another name is never taken for the old one by itself")
    func renamed() async throws {
        var fleet = try await brought()
        alter(fleet) { $0.columns[2].name = "remark" }
        let stopped = try await run(fleet)
        #expect(stopped.error?.code == "schemaDrift" && stopped.drift.map(\.kind) == [.renamed])
        #expect(stopped.error?.message.contains("\"note\" to \"remark\"") == true)
        fleet.configuration.clients["1"] = ["shop.orders": ClientOverride(columnMap: ["note": "remark"])]
        let plan = try await fleet.pipeline.plan(Self.all)
        #expect(plan.isClear, "\(plan.text)")
        let mapped = try await fleet.pipeline.run(plan: plan.id)
        #expect(mapped.succeeded, "\(mapped.text)")
        try await fleet.expectEqual()
    }

    @Test("a new column is left out, stops the client, or waits for prepare")
    func added() async throws {
        for rule in DriftRules.Rule.allCases {
            let fleet = try await brought { $0.drift.added = rule }
            alter(fleet) {
                $0.columns.append(
                    ColumnDescription(name: "vat", type: .string, sourceType: "text", isNullable: true)
                )
            }
            fleet.databases["c1"]?.update { state in
                guard var table = state.tables[MemoryFleet.table] else { return }
                table.committed = table.committed.map { $0 + [.string("v")] }
                state.tables[MemoryFleet.table] = table
            }
            let first = try await run(fleet)
            #expect(first.drift.map(\.kind) == [.added])
            #expect(
                first.error?.code
                    == (rule == .ignore ? nil : rule == .fail ? "schemaDrift" : "notPrepared")
            )
            let prepared = try await fleet.pipeline.prepare(Self.all)
            #expect(prepared.succeeded && prepared.tables[0].addedColumns == (rule == .add ? ["vat"] : []))
            let second = try await fleet.pipeline.run(Self.all).tasks[0]
            #expect((second.error == nil) == (rule != .fail))
        }
    }

    @Test("a column that is gone asks for a plan, or is null from now on")
    func dropped() async throws {
        for rule in [DriftRules.Rule.fail, .ignore] {
            let fleet = try await brought { $0.drift.dropped = rule }
            alter(fleet) { $0.columns.remove(at: 2) }
            fleet.databases["c1"]?.update { state in
                guard var table = state.tables[MemoryFleet.table] else { return }
                for index in table.committed.indices { table.committed[index].remove(at: 2) }
                state.tables[MemoryFleet.table] = table
            }
            let task = try await run(fleet)
            #expect(task.drift.map(\.kind) == [.dropped])
            #expect(task.error?.code == (rule == .fail ? "needsPlan" : nil))
        }
    }

    @Test("a client whose type nothing holds does not keep prepare from adding another one's column")
    func oneMisfit() async throws {
        let fleet = try await brought()
        alter(fleet) {
            $0.columns[2].type = .double
            $0.columns[2].sourceType = "double"
        }
        fleet.databases["c2"]?.update { state in
            state.tables[MemoryFleet.table]?.description.columns.append(
                ColumnDescription(name: "vat", type: .string, sourceType: "text", isNullable: true)
            )
        }
        let prepared = try await fleet.pipeline.prepare(Self.all)
        #expect(prepared.succeeded && prepared.tables[0].addedColumns == ["vat"])
        #expect(prepared.tables[0].warnings.contains { $0.contains("eu/1") && $0.contains("left out") })
        let report = try await fleet.pipeline.run(Self.all)
        #expect(report.tasks[0].error?.code == "schemaDrift" && report.tasks[1].error == nil)
    }

    @Test("a plan tells how the tables of a fleet differ")
    func fleetShapes() {
        var fleet = FleetShapes()
        let usual = TableShape(columns: [column("id", "int(11)"), column("vat_id", "text")], keys: ["id"])
        #expect(fleet.lines.isEmpty)
        for client in 1...9 { fleet.add("eu/\(client)", usual) }
        #expect(fleet.lines.isEmpty)
        for client in 10...14 {
            fleet.add("eu/\(client)", TableShape(columns: [usual.columns[0]], keys: ["id"]))
        }
        var wide = usual
        wide.columns[0].declaration = "bigint(20)"
        fleet.add("us/1", wide)
        #expect(
            fleet.lines == [
                "9 clients alike", "5 clients: dropped vat_id: text null (eu/10, eu/11, eu/12 and 2 more)",
                "1 client: widened id: int(11) → bigint(20) (us/1)",
            ]
        )
    }
}
