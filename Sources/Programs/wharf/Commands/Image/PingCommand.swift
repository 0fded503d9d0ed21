import ArgumentParser
import OCI
import RegistryClient
import RegistryContract

/// `wharf ping`: finds out whether a registry is there, and who one is to it.
struct PingCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "ping",
        abstract: "Find out whether a registry is there, how it is spoken to, and whether the login is good.",
        discussion: """
            Examples:
              wharf ping localhost:5000
              wharf ping registry.example.com -o json
            """
    )

    @Argument(help: ArgumentHelp("The registry.", valueName: "registry"), transform: Typed.registry)
    var registry: RegistryHost

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        try await registries.settings(of: registry)
        let client = try registries.client(for: registry)
        let facts = try await client.ping()
        guard facts.isRegistry else {
            throw Failure(
                description:
                    "\(facts.url) answers with status \(facts.status), but is no registry: look at the name and "
                    + "the port."
            )
        }
        let login = facts.status == 200 ? "not needed" : try await login(with: client, registries)
        try output.show(PingedRegistry(facts, login: login))
    }

    /// Whether the login of this machine is good; nobody's token is none, though registries give one.
    private func login(with client: RegistryClient, _ registries: Registries) async throws -> String {
        let needed = "needed: wharf login \(registry)"
        guard try await registries.hasLogin(for: registry) else { return needed }
        do {
            try await client.logIn()
            return "good"
        } catch let error as RegistryError where error.code == .unauthorized {
            return needed
        }
    }
}

/// What a registry is, shown.
struct PingedRegistry: Encodable, TableRow {
    static let columns = ["URL", "STATUS", "VERSION", "CHALLENGE", "LOGIN"]

    /// Where it was asked.
    var url: String
    /// The status for somebody who has not logged in.
    var status: Int
    /// The version of the protocol that it names.
    var apiVersion: String?
    /// How it wants to be logged in to.
    var challenges: [String]
    /// Whether the login that is kept is good.
    var login: String

    var cells: [String] {
        let ways = challenges.isEmpty ? "none" : challenges.joined(separator: ", ")
        return [url, "\(status)", apiVersion ?? "-", ways, login]
    }

    init(_ facts: RegistryFacts, login: String) {
        url = facts.url
        status = facts.status
        apiVersion = facts.apiVersion
        challenges = facts.challenges.map { challenge in
            [challenge.scheme, challenge.realm ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
        }
        self.login = login
    }
}
