import ArgumentParser
import Foundation
import Tributary

/// Shows the changes that wait for a decision.
struct Diff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Shows the changes that wait for a decision, row by row."
    )

    @OptionGroup var options: Options

    @Option(help: "The most rows to show of each change set.")
    var limit = 20

    func run() async throws {
        let pipeline = try await options.pipeline()
        let sets = try await pipeline.changeSets(try options.selection())
        var shown: [StagedDiff] = []
        for set in sets {
            shown.append(StagedDiff(changeSet: set, rows: try await pipeline.diff(set, limit: limit)))
        }
        if options.json {
            print(try Self.json(shown))
            return
        }
        for diff in shown { print(diff.text) }
        print(sets.isEmpty ? "nothing waits for a decision" : "\(sets.count) change sets wait for a decision")
    }

    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

/// A change set with some of its rows.
struct StagedDiff: Encodable {
    var changeSet: StagedChangeSet
    var rows: [RowDiff]

    var text: String {
        let set = changeSet
        var lines = [
            "\(set.task)  change set \(set.id): \(set.insertedCount) new, \(set.updatedCount) changed, "
                + "\(set.deletedCount) gone, \(set.patchedCount) by rules"
        ]
        for row in rows {
            lines.append("  " + row.text)
            if let digest = row.sourceDigest { lines.append("      digest \(digest)") }
        }
        let rest = set.changeCount - rows.count
        if rest > 0 {
            lines.append(
                "  … and \(rest) more; the stage has them all: tributary/stage/\(set.schema)/\(set.table)"
            )
        }
        return lines.joined(separator: "\n")
    }
}

/// Who decides, and why.
struct Decision: ParsableArguments {
    @Option(help: "Who decides; the user's name unless said otherwise.")
    var by: String?

    @Option(help: "Why.")
    var note: String?

    @Option(help: "Only this change set.")
    var changeSet: String?

    var name: String { by ?? ProcessInfo.processInfo.environment["USER"] ?? "someone" }
}

/// Brings waiting changes into the lake.
struct Approve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Brings waiting changes into the lake, with the rules that were made for them."
    )

    @OptionGroup var options: Options
    @OptionGroup var decision: Decision

    func run() async throws {
        let reports = try await options.pipeline().approve(
            try options.selection(),
            changeSet: decision.changeSet,
            by: decision.name,
            note: decision.note
        )
        try ReviewOutput.show(reports, json: options.json)
    }
}

/// Refuses waiting changes.
struct Reject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject",
        abstract: "Refuses waiting changes; lake and marks stay as they are."
    )

    @OptionGroup var options: Options
    @OptionGroup var decision: Decision

    func run() async throws {
        guard let note = decision.note else { throw ValidationError("say why, with --note") }
        let reports = try await options.pipeline().reject(
            try options.selection(),
            changeSet: decision.changeSet,
            by: decision.name,
            note: note
        )
        try ReviewOutput.show(reports, json: options.json)
    }
}

/// Makes, lists and ends patch rules.
struct Patch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patch",
        abstract: "Makes a patch rule from JSON, lists the rules, or ends one."
    )

    @OptionGroup var options: Options

    @Option(help: "A file with one rule, or - for standard input.")
    var add: String?

    @Option(help: "The rule to end.")
    var retire: String?

    @Option(help: "Who makes or ends it; the user's name unless said otherwise.")
    var by: String?

    func run() async throws {
        let pipeline = try await options.pipeline()
        let name = by ?? ProcessInfo.processInfo.environment["USER"] ?? "someone"
        if let add {
            let data =
                add == "-"
                ? FileHandle.standardInput.readDataToEndOfFile()
                : try Data(contentsOf: URL(fileURLWithPath: add))
            let rule = try PatchRule(json: String(decoding: data, as: UTF8.self))
            try await pipeline.propose(rule, by: name)
            print("proposed \(rule.id)")
        }
        if let retire {
            try await pipeline.retire(rule: retire, by: name)
            print("retired \(retire)")
        }
        guard add == nil && retire == nil else { return }
        for rule in try await pipeline.patchRules() { print("\(rule.state.rawValue)  \(rule.json)") }
    }
}

/// How decisions are printed.
enum ReviewOutput {
    static func show(_ reports: [ReviewReport], json: Bool) throws {
        print(json ? try Diff.json(reports) : reports.map(\.text).joined(separator: "\n"))
        guard reports.allSatisfy({ $0.error == nil }) else { throw ExitCode(1) }
    }
}
