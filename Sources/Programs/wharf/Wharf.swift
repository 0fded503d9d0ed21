import ArgumentParser

/// The program: a container image registry and the tools to run it.
@main struct Wharf: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wharf",
        abstract: "A container image registry.",
        subcommands: [Serve.self, Storage.self, Config.self]
    )
}
