import ArgumentParser
import Foundation
import Tributary

/// Shows what an operation would do, and how to have it done.
private func show(_ operation: LakeOperation, _ options: Options) async throws {
    let plan = try await options.pipeline().plan(options.selection(), for: operation)
    print(options.json ? plan.json : plan.text)
    guard plan.isClear else { throw ExitCode(2) }
}

/// Plans to take rows and marks out of the lake.
struct Reset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "Plans to take the rows and marks of tasks out of the lake; run --plan does it."
    )

    @OptionGroup var options: Options

    func run() async throws { try await show(.reset, options) }
}

/// Plans to read everything again.
struct Resync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resync",
        abstract: "Plans to read everything of tasks again and to merge it; run --plan does it."
    )

    @OptionGroup var options: Options

    func run() async throws { try await show(.resync, options) }
}

/// Plans to read a range of time again.
struct Backfill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backfill",
        abstract: "Plans to read the rows of a range of time again and to merge them; run --plan does it."
    )

    @OptionGroup var options: Options

    @Option(help: "The first instant, such as 2026-03-01T00:00:00Z.")
    var from: String

    @Option(help: "The instant after the last one.")
    var to: String

    func run() async throws {
        let range = (try Self.instant(from, "--from"), try Self.instant(to, "--to"))
        guard range.0 < range.1 else {
            throw ValidationError("--from is not before --to; give them in order")
        }
        try await show(.backfill(from: range.0, to: range.1), options)
    }

    private static func instant(_ text: String, _ option: String) throws -> Int64 {
        guard let date = ISO8601DateFormatter().date(from: text) else {
            throw ValidationError("\(option) \"\(text)\" is no instant; write it as 2026-03-01T00:00:00Z")
        }
        return Int64(date.timeIntervalSince1970 * 1_000_000)
    }
}

/// Plans to take a client's rows to another region.
struct Move: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: "Plans to take a client's rows to the region that the roster names now; run --plan does it."
    )

    @OptionGroup var options: Options

    @Option(help: "The region that the lake has the client under.")
    var from: String

    func run() async throws { try await show(.move(from: from), options) }
}
