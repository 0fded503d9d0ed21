import ArgumentParser
import Foundation
import Settings

/// The options of every command that reads the configuration: the file, and a flag for each key.
///
/// The flags are not declared a second time here: what the parser does not know itself goes to ``ServerSettings``,
/// whose table knows every key, its flag and its help.
struct SettingsOptions: ParsableArguments {
    @Option(name: .long, help: "The YAML file of settings (or \(ServerSettings.fileVariable)).")
    var config: String?

    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("A flag for any key, listed above.", valueName: "flags"))
    var flags: [String] = []

    /// What the help of a command says of the flags for keys.
    static let discussion = """
        Flags for keys, each also a WHARF_… variable and a key of the file:

        \(ServerSettings.flagHelp)
        """

    /// Reads and checks the settings that the file, the environment and the flags make.
    func load() throws -> LoadedSettings<ServerSettings> {
        try ServerSettings.load(file: config, environment: ProcessInfo.processInfo.environment, arguments: flags)
    }
}
