import ArgumentParser

/// The short way from the command line to a command.
extension Wharf {
    /// The command of the command line; throws what is wrong with it, or what shows help.
    ///
    /// The parser sets up all commands before it reads the first word, which takes as long as to ask a registry nearby.
    /// So the words go to the one command that the first of them names. Where it does not take them, which help and all
    /// mistakes are, they go through all commands: only so what is printed names the command in full.
    static func parsed() throws -> any ParsableCommand {
        let words = CommandLine.arguments.dropFirst()
        if let name = words.first, let command = single(named: name),
            let parsed = try? command.parseAsRoot(Array(words.dropFirst())),
            // Asked for help, the parser gives a command that prints it.
            type(of: parsed) == command
        {
            return parsed
        }
        return try parseAsRoot()
    }

    /// The command of that name, if it has none below it.
    private static func single(named name: String) -> (any ParsableCommand.Type)? {
        configuration.groupedSubcommands.lazy.flatMap(\.subcommands).first { command in
            // The help of this one is long in the making, and the start of a server is not what anybody waits for.
            guard command != Serve.self else { return false }
            let its = command.configuration
            return its.commandName == name || its.aliases.contains(name)
        }
        .flatMap { $0.configuration.subcommands.isEmpty ? $0 : nil }
    }
}
