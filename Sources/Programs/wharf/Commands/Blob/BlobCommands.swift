import ArgumentParser

/// `wharf blob`: single blobs.
struct BlobCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "blob",
        abstract: "Get and put single blobs.",
        discussion: "Example: wharf blob get localhost:5000/team/app@sha256:… --to layer.tar.gz",
        subcommands: [BlobGet.self, BlobPut.self]
    )
}
