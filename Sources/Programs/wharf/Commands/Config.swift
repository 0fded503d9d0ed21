import ArgumentParser

/// `wharf config`: looks at the configuration without starting anything.
struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check, show and describe the configuration.",
        subcommands: [ConfigCheck.self, ConfigShow.self, ConfigSchema.self, ConfigReference.self]
    )
}
