import ArgumentParser
import Foundation
import Tributary

/// Compares the lake with its sources, and sets right what differs when asked to.
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compares the lake with its sources, row for row.",
        discussion: """
            Exits with 0 when everything is equal, rows aside that the next run brings. Without --repair nothing is changed.
            """
    )

    @OptionGroup var options: Options

    @Flag(help: "Set differences right: merge the source's rows, remove rows that the source no longer has.")
    var repair = false

    @Option(help: "The greatest share of a client's rows that a repair may remove, 0 to 1.")
    var removable = 0.2

    func run() async throws {
        var verification = VerificationOptions()
        verification.repairs = repair
        verification.removableShare = removable
        let report = try await options.pipeline().verify(options.selection(), options: verification)
        if options.json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            print(String(decoding: try encoder.encode(report), as: UTF8.self))
        } else {
            print(report.text)
        }
        guard report.isEqual, report.bookkeepingError == nil else { throw ExitCode(1) }
    }
}
