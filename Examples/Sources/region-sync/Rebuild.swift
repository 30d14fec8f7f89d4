import ArgumentParser
import Tributary

/// Makes lake tables again from what landed in bronze.
struct Rebuild: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Compares lake tables with what their bronze tables make of them, and sets them right.",
        discussion: """
            Reads no source. Exits with 0 when every table holds what its bronze table makes. Without --apply nothing is written.
            """
    )

    @OptionGroup var options: Options

    @Flag(help: "Put the rebuilt rows in the place of those that differ.")
    var apply = false

    func run() async throws {
        let report = try await options.pipeline().rebuild(options.selection(), applying: apply)
        print(options.json ? report.json : report.text)
        guard report.succeeded else { throw ExitCode(1) }
    }
}
