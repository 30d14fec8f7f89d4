import ArgumentParser
import Foundation
import Tributary

/// Shows what a run would do.
struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Shows what a run would do, from metadata alone, and keeps it under an id.",
        discussion: "The exit code is 2 when something is in the way."
    )

    @OptionGroup var options: Options

    func run() async throws {
        let plan = try await options.pipeline().plan(options.selection())
        print(options.json ? plan.json : plan.text)
        guard plan.isClear else { throw ExitCode(2) }
    }
}
