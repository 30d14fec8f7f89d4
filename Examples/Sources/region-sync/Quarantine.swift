import ArgumentParser
import Tributary

/// Lists the rows that are set aside because they cannot be represented, or brings those that can be by now.
struct Quarantine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine",
        abstract: "Lists the rows that are set aside because they cannot be represented, or replays them.",
        subcommands: [List.self, Replay.self],
        defaultSubcommand: List.self
    )

    /// Lists the rows.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Lists the rows that are set aside, and why."
        )

        @OptionGroup var options: Options

        func run() async throws {
            let report = try await options.pipeline().quarantine(options.selection())
            print(options.json ? report.json : report.text)
        }
    }

    /// Reads the rows again by their keys.
    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "replay",
            abstract:
                "Reads the rows that are set aside again, and brings those that can be represented by now."
        )

        @OptionGroup var options: Options

        func run() async throws {
            let (pipeline, selection) = (try await options.pipeline(), try options.selection())
            let report = try await Stopping.cancellingOnSignals {
                try await pipeline.replayQuarantine(selection)
            }
            print(options.json ? report.json : report.text)
            guard report.succeeded else { throw ExitCode(1) }
        }
    }
}
