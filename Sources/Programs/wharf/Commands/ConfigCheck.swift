import ArgumentParser
import Settings

/// `wharf config check`: says all that is wrong with a configuration, or that nothing is.
struct ConfigCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Read the configuration and say all that is wrong with it.",
        discussion: """
            Example: wharf config check --config wharf.yaml

            \(SettingsOptions.discussion)
            """
    )

    @OptionGroup var options: SettingsOptions

    func run() throws {
        try options.load().checkFiles()
        print("The configuration is good.")
    }
}
