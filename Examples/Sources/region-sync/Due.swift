import ArgumentParser
import Foundation
import Tributary

/// Says what is due.
struct Due: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "due",
        abstract: "Says which tasks are due by their schedules, and why; it asks no source.",
        discussion: "The exit code is 3 when nothing is due."
    )

    @OptionGroup var options: Options

    @Option(help: "The instant to ask about, such as 2026-11-24T02:00:00Z; now, unless given.")
    var at: String?

    func run() async throws {
        let report = try await options.pipeline().due(options.selection(), at: try instant())
        print(options.json ? report.json : report.text)
        if report.due.isEmpty { throw ExitCode(3) }
    }

    private func instant() throws -> Date {
        guard let at else { return Date() }
        guard let instant = try? Date(at, strategy: .iso8601) else {
            throw ValidationError("\"\(at)\" is no instant; write it as 2026-11-24T02:00:00Z")
        }
        return instant
    }
}
