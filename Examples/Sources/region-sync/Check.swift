import ArgumentParser
import Tributary

/// Looks before a run.
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks each client's server and tables, and says what each table's guarantee will be."
    )

    @OptionGroup var options: Options

    func run() async throws {
        let report = try await options.pipeline().check(options.selection())
        print(options.json ? report.json : report.text)
        guard report.succeeded else { throw ExitCode(1) }
    }
}
