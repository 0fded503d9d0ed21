import ArgumentParser
import Settings

/// `wharf config show`: prints every value that `wharf serve` would use and where it comes from.
struct ConfigShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print every value in effect and where it comes from, as a YAML file.",
        discussion: """
            Example: wharf config show --config wharf.yaml

            \(SettingsOptions.discussion)
            """
    )

    @OptionGroup var options: SettingsOptions

    func run() throws {
        print(try options.load().yaml(), terminator: "")
    }
}
