import AdminClient
import AdminModel
import ArgumentParser

/// `wharf robot change`: changes a robot; what is not given stays.
struct RobotChange: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "change",
        abstract: "Change a robot; what is not given stays.",
        discussion: """
            Example: wharf robot change team+ci --disable
            """
    )

    @Argument(help: "The name that it logs in with.")
    var name: String

    @Option(help: "What it is for.")
    var description: String?

    @Flag(help: "Close the account: it cannot log in.")
    var disable = false

    @Flag(help: "Open the account again.")
    var enable = false

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard !(disable && enable) else { throw ValidationError("--disable and --enable are opposites: give one") }
        guard description != nil || disable || enable else {
            throw ValidationError("say what to change: --description, --disable, --enable")
        }
    }

    func run(with client: AdminClient) async throws {
        let change = AdminModel.RobotChange(
            description: description,
            isDisabled: disable || enable ? disable : nil
        )
        try output.show(try await client.change(name, change))
    }
}
