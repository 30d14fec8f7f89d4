import ArgumentParser
import Tributary

/// Looks whether a table is whole.
struct Fsck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Looks whether every file that the table names is there and can be read; changes nothing."
    )

    @Argument(help: "The table's folder.")
    var table: String

    @Flag(help: "Read every row, not only what files say about themselves.")
    var rows = false

    func run() async throws {
        let report = try await DeltaTable(store: LocalObjectStore(root: table), path: "").check(
            readsRows: rows
        )
        for problem in report.problems { print("\(problem.file): \(problem.reason)") }
        print("\(report.fileCount) files, \(report.problems.count) problems")
        if !report.problems.isEmpty { throw ExitCode(1) }
    }
}

/// Says what could be better about a table.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says which engines can use the table, and what about it costs them more than it needs to."
    )

    @Argument(help: "The table's folder.")
    var table: String

    func run() async throws {
        let table = DeltaTable(store: LocalObjectStore(root: table), path: "")
        for engine in EngineSupport.of(try await table.snapshot().protocol) { print(engine) }
        let advice = try await table.advice()
        for line in advice { print(line) }
        if advice.isEmpty { print("nothing to improve") }
    }
}
