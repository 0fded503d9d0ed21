import ArgumentParser
import Foundation

/// The program: a container image registry and the tools to run it.
@main struct Wharf: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wharf",
        abstract: "A container image registry, and one tool for everything between images and registries.",
        discussion: """
            Examples:
              wharf serve
              wharf list localhost:5000
              wharf copy nginx:1.27 localhost:5000/library/nginx
            """,
        version: "0.1.0",
        groupedSubcommands: [
            CommandGroup(name: "Run a registry:", subcommands: [Serve.self, Config.self, Storage.self, Certs.self]),
            CommandGroup(
                name: "Look at images:",
                subcommands: [
                    ListCommand.self, InspectCommand.self, ManifestCommand.self, DigestCommand.self,
                    HistoryCommand.self, LayersCommand.self, DiffCommand.self,
                    DiscoverCommand.self,
                    BlobCommands.self,
                ]
            ),
            CommandGroup(
                name: "Move images:",
                subcommands: [
                    CopyCommand.self, PullCommand.self, PushCommand.self, ExportCommand.self, ImportCommand.self,
                    TagCommands.self, UntagCommand.self, PromoteCommand.self, DeleteCommand.self,
                    PruneCommand.self, SyncCommand.self,
                ]
            ),
            CommandGroup(
                name: "Make and change images:",
                subcommands: [
                    BuildCommand.self, AppendCommand.self, MutateCommand.self, AnnotateCommand.self,
                    AttachCommand.self,
                ]
            ),
            CommandGroup(
                name: "Get on with a registry:",
                subcommands: [
                    LoginCommand.self, LogoutCommand.self, PingCommand.self, RateLimitCommand.self, DoctorCommand.self,
                    MirrorCommands.self,
                ]
            ),
            CommandGroup(
                name: "Manage a wharf server:",
                subcommands: [
                    UserCommands.self, GroupCommands.self, ProjectCommands.self, MemberCommands.self,
                    RobotCommands.self, TokenCommands.self, SessionCommands.self, RoleCommands.self, KeyCommands.self,
                    AccessCommands.self, QuotaCommands.self, RepositoryCommands.self, TrashCommands.self,
                    ReadOnlyCommands.self, JobCommands.self, CollectionCommands.self, Audit.self, WhoAmI.self,
                    Apply.self, Get.self,
                ]
            ),
            CommandGroup(
                name: "Work in a shell:",
                subcommands: [CompletionCommand.self, CompleteCommand.self, HelpPages.self]
            ),
        ]
    )

    /// Runs the command, and ends with one of the codes of ``ExitStatus``.
    static func main() async {
        var command: any ParsableCommand
        do {
            command = try parsed()
            let words = CommandLine.arguments.dropFirst()
            if words.first == "help" { refuseUnknownCommand(in: Array(words.dropFirst())) }
        } catch {
            if exitCode(for: error) == .validationFailure {
                refuseUnknownCommand(in: Array(CommandLine.arguments.dropFirst()))
            }
            exit(withError: error)
        }
        do {
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error, of: type(of: command))
        }
    }

    /// Names the command that was likely meant, where a word names none, and ends.
    private static func refuseUnknownCommand(in words: [String]) {
        guard let program = try? CommandDescription.program(), let unknown = UnknownCommand(in: words, of: program)
        else { return }
        Remark.print(unknown.sentences)
        Foundation.exit(ExitStatus.usage.rawValue)
    }

    /// Says what went wrong as the parser of arguments would, and ends with the code that the error has.
    private static func end(with error: any Error, of command: any ParsableCommand.Type) -> Never {
        let status = ExitStatus(of: error)
        // What a command finds wrong with its words when it runs is told as what the parser finds: with its own usage.
        if exitCode(for: error) == .validationFailure {
            let usage = usageString(for: command)
            let title = usage.split(separator: " ").prefix { $0.first?.isLetter == true }.joined(separator: " ")
            let more = "  See '\(title) --help' for more information."
            Remark.print("Error: \(message(for: error))\nUsage: \(usage)\n\(more)")
            Foundation.exit(ExitStatus.usage.rawValue)
        }
        // The parser's own errors (help that was asked for, a wrong use) know best what to print, and where.
        guard exitCode(for: error) == .failure, !(error is ExitCode) else { exit(withError: error) }
        Remark.print("Error: \(ErrorSentence.text(of: error, else: message(for: error)))")
        Foundation.exit(status.rawValue)
    }
}
