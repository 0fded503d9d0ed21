import ArgumentParser
import Foundation

/// A command as the parser of arguments knows it: the reference, the man pages and completion are made from this, so
/// that they cannot say anything else than the program does.
struct CommandDescription: Decodable, Sendable {
    /// A name of an option, as it is typed.
    struct Name: Decodable, Hashable, Sendable {
        private enum Kind: String, Decodable {
            case long, short, longWithSingleDash
        }

        private let kind: Kind
        /// Without dashes.
        let name: String
        /// With them.
        var text: String { (kind == .long ? "--" : "-") + name }
        /// Whether it is one letter behind one dash.
        var isShort: Bool { kind == .short }
    }

    /// An argument, an option or a flag.
    struct Argument: Decodable, Sendable {
        /// Which of them.
        enum Kind: String, Decodable {
            case positional, option, flag
        }

        /// How the parser goes on behind it.
        enum Strategy: String, Decodable {
            case `default`, scanningForValue, unconditional, upToNextOption, allRemainingInput, postTerminator
            case allUnrecognized
        }

        let kind: Kind
        let shouldDisplay: Bool
        let isOptional: Bool
        let isRepeating: Bool
        let parsingStrategy: Strategy
        let names: [Name]?
        let valueName: String?
        let defaultValue: String?
        let allValues: [String]?
        let abstract: String?

        /// What help and version are called everywhere.
        var isBuiltIn: Bool { (names ?? []).contains { ["help", "version"].contains($0.name) } }
        /// The value in brackets, such as `<image>`.
        var placeholder: String { "<\(valueName ?? "value")>" }
        /// How it is typed: `-o, --output <form>`, or `<image> ...`.
        var synopsis: String {
            let dots = isRepeating ? " ..." : ""
            guard kind != .positional else { return placeholder + dots }
            let shown = (names ?? []).sorted { $0.isShort && !$1.isShort }.map(\.text).joined(separator: ", ")
            return kind == .flag ? shown : "\(shown) \(placeholder)"
        }
        /// The same in the line that says how a command is used.
        var usage: String {
            let long = (names ?? []).first { !$0.isShort } ?? names?.first
            let text = kind == .positional ? placeholder : "\(long?.text ?? "") \(placeholder)"
            let repeated = isRepeating ? text + " ..." : text
            return isOptional ? "[\(repeated)]" : repeated
        }
    }

    private let superCommands: [String]?
    private let shouldDisplay: Bool
    let commandName: String
    let aliases: [String]?
    let abstract: String?
    let discussion: String?
    private let defaultSubcommand: String?
    private let subcommands: [CommandDescription]?
    private let arguments: [Argument]?

    /// The whole program.
    static func program() throws -> CommandDescription {
        struct Dump: Decodable {
            let command: CommandDescription
        }
        return try JSONDecoder().decode(Dump.self, from: Data(Wharf._dumpHelp().utf8)).command
    }

    /// All its names from the program's on.
    var path: [String] { (superCommands ?? []) + [commandName] }
    /// What is typed to run it.
    var title: String { path.joined(separator: " ") }
    /// The commands below it, without hidden ones and the parser's own `help`.
    var commands: [CommandDescription] { (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" } }
    /// It and all below it, in the order of the help.
    var withAllBelow: [CommandDescription] { [self] + commands.flatMap(\.withAllBelow) }
    /// What can be given, without help and version, which all commands have.
    var shownArguments: [Argument] { (arguments ?? []).filter { $0.shouldDisplay && !$0.isBuiltIn } }
    /// What stands without a name.
    var positionals: [Argument] { shownArguments.filter { $0.kind == .positional } }
    /// Options and flags.
    var options: [Argument] { shownArguments.filter { $0.kind != .positional } }
    /// What runs where no command below it is named.
    var byDefault: CommandDescription? { defaultSubcommand.flatMap { command(named: $0) } }

    /// The command below it that has a name.
    func command(named name: String) -> CommandDescription? {
        commands.first { $0.commandName == name || $0.aliases?.contains(name) == true }
    }

    /// How it is used, in one line.
    var usage: String {
        guard commands.isEmpty else { return "\(title) <subcommand>" }
        let needed = options.filter { !$0.isOptional }.map(\.usage)
        let hasMore = options.contains(where: \.isOptional) ? ["[<options>]"] : []
        return ([title] + hasMore + needed + positionals.map(\.usage)).joined(separator: " ")
    }
}
