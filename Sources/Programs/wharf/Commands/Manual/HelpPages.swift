import ArgumentParser
import Foundation

/// `wharf help-pages`: writes what the documentation has from the program; for those who make it, so it is not shown.
struct HelpPages: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "help-pages",
        abstract: "Write the pages that are made from the commands themselves.",
        shouldDisplay: false,
        subcommands: [Markdown.self, Manual.self, Check.self]
    )

    /// Prints the reference.
    struct Markdown: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the command reference as a Markdown page.")

        func run() throws {
            print(try ReferencePage().text, terminator: "")
        }
    }

    /// Writes a page for man(1) for each command.
    struct Manual: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "man", abstract: "Write man pages.")

        @Argument(help: ArgumentHelp("The folder of the pages; it is made where there is none.", valueName: "dir"))
        var folder: String

        func run() throws {
            let place = URL(fileURLWithPath: folder)
            do {
                try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
                for (file, text) in try ManualPage.all(on: ManualPage.day(ProcessInfo.processInfo.environment)) {
                    try Data(text.utf8).write(to: place.appending(path: file))
                }
            } catch {
                throw Failure(description: "The pages cannot be written to \(folder): \(error.localizedDescription)")
            }
        }
    }

    /// Says what the help of a command lacks.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say what the help of the commands lacks.")

        func run() async throws {
            let findings = try await HelpCheck.findings()
            for finding in findings { print(finding) }
            guard findings.isEmpty else { throw ExitCode(ExitStatus.different.rawValue) }
        }
    }
}
