import ArgumentParser

/// `wharf config`: looks at the configuration of a server without starting anything, or at that of an image.
struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Check, show and describe the configuration of a server; or show that of an image.",
        discussion: """
            Examples:
              wharf config check --config wharf.yaml
              wharf config nginx:1.27 --format config.Env
            """,
        subcommands: [
            ConfigImage.self, ConfigCheck.self, ConfigShow.self, ConfigSchema.self, ConfigReference.self,
        ],
        defaultSubcommand: ConfigImage.self
    )
}
