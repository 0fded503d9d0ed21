import AdminClient
import ArgumentParser

/// `wharf key rotate`: makes a new key, which soon signs; the others verify until what they signed has ended.
struct KeyRotate: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Make a new key, which soon signs; the others verify until what they signed has ended.",
        discussion: """
            Example: wharf key rotate
            """
    )

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        try output.show(try await client.rotateKey())
    }
}
