import ArgumentParser
import Settings

/// `wharf config schema`: prints what an editor needs to help with the file.
struct ConfigSchema: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print a JSON Schema of the configuration file.",
        discussion: "Example: wharf config schema > wharf.schema.json"
    )

    func run() {
        print(ServerSettings.jsonSchema, terminator: "")
    }
}
