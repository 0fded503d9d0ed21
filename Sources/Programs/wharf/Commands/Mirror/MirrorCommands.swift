import ArgumentParser

/// `wharf mirror`: the commands about mirrors of registries.
struct MirrorCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mirror",
        abstract: "Point this machine's container tools to a mirror of a registry.",
        discussion: "Example: wharf mirror generate https://mirror.example",
        subcommands: [MirrorGenerate.self]
    )
}
