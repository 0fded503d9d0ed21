import AdminClient
import ArgumentParser
import ContainerTools
import OCI

/// `wharf whoami`: shows who you are to a wharf server, or which login there is for a registry.
struct WhoAmI: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami",
        abstract: "Show who you are to a wharf server, or which login this machine has for a registry.",
        discussion: """
            For a registry no question is asked: see `wharf ping` for whether the login is good.

            Examples:
              wharf whoami --server https://registry.example.com --user alice
              wharf whoami registry.example.com
            """
    )

    @Argument(
        help: ArgumentHelp("A registry; the server of --server or --data when none is named.", valueName: "registry"),
        transform: Typed.registry
    )
    var registry: RegistryHost?

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        guard let registry else {
            return try await AdminClient.withClient(try await connection.configuration()) { try await run(with: $0) }
        }
        let (store, host) = (LoginStore(machine: .current), registry.description)
        guard let found = try await Blocking.run({ try store.login(for: host) }) else { throw NoLogin(host: host) }
        try output.show(KeptLogin(found, for: registry))
    }

    func run(with client: AdminClient) async throws {
        try output.show(try await client.caller())
    }
}

/// Nobody has logged in to a registry.
private struct NoLogin: ExitStatusError, CustomStringConvertible {
    var host: String

    var exitStatus: ExitStatus { .notFound }
    var description: String { "There is no login for \(host) on this machine: wharf login \(host)." }
}

/// A login, shown without its secret.
struct KeptLogin: Encodable, TableRow {
    static let columns = ["REGISTRY", "USER", "LOGIN", "KEPT IN"]

    /// The registry.
    var registry: String
    /// The name, where the login has one.
    var user: String?
    /// What kind of login it is.
    var login: String
    /// Where it is kept.
    var place: String

    var cells: [String] { [registry, user ?? "-", login, place] }

    init(_ found: FoundLogin, for registry: RegistryHost) {
        self.registry = registry.description
        user = found.login.user
        login = found.login.description
        place = found.place.description
    }
}
