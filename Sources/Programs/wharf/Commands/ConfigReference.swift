import ArgumentParser
import Settings

/// `wharf config reference`: prints the page of the documentation that lists every key.
struct ConfigReference: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference",
        abstract: "Print the documentation of every key as a Markdown page.",
        discussion: "Example: wharf config reference > configuration.md"
    )

    func run() {
        print(ServerSettings.referencePage, terminator: "")
    }
}
