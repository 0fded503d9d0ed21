import ArgumentParser
import ContainerTools
import Foundation
import OCI
import Outgoing
import RegistryClient
import RegistryContract

/// `wharf login`: keeps a login for a registry, after it was tried.
struct LoginCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Log in to a registry: try name and password, and keep them where Docker and podman find them.",
        discussion: """
            The login is kept by the credential helper that Docker is set up with, or else in ~/.docker/config.json, \
            which only you can read then. Nothing is kept that the registry refuses.

            Examples:
              wharf login registry.example.com
              wharf login localhost:5000 --user alice
              echo "$TOKEN" | wharf login registry.example.com --user ci+team --password-stdin
            """
    )

    @Argument(
        help: ArgumentHelp("The registry; Docker Hub when none is named.", valueName: "registry"),
        transform: Typed.registry
    )
    var registry: RegistryHost = .dockerHub

    @Option(
        name: [.customShort("u"), .customLong("user"), .customLong("username")],
        help: ArgumentHelp("The name of the user.", valueName: "account")
    )
    var user: String?

    @Flag(help: "Read the password from the first line of standard input, not from WHARF_PASSWORD or the terminal.")
    var passwordStdin = false

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        try await registries.settings(of: registry)
        let credentials = try askedCredentials()
        let client = try registries.client(for: registry, credentials: GivenCredentials(credentials))
        let facts = try await client.ping()
        guard facts.isRegistry else {
            throw Failure(description: "\(facts.url) answers, but is no registry: look at the name and the port.")
        }
        do {
            try await client.logIn()
        } catch let error as RegistryError where error.code == .unauthorized {
            throw Refusal(registry: registry, user: credentials.user)
        }
        if facts.status == 200 {
            Remark.print("\(registry) lets everybody in: the login was not needed, and not tried.")
        }
        let (store, host) = (registries.logins, registry.description)
        let login = StoredLogin.password(user: credentials.user, password: credentials.password)
        let place = try await Blocking.run { try store.store(login, for: host) }
        Remark.print("Logged in to \(registry) as \(credentials.user); the login is kept in \(place).")
    }

    private func askedName() throws -> String? {
        passwordStdin || !Terminal.isThere ? nil : try Terminal.line("User name: ")
    }

    private func askedCredentials() throws -> OutgoingCredentials {
        guard let name = try user ?? askedName() else { throw ValidationError("Say who logs in: --user NAME.") }
        if passwordStdin {
            guard let line = try StandardInput.line(), !line.isEmpty else {
                throw Failure(description: "Standard input has no password in its first line.")
            }
            return OutgoingCredentials(user: name, password: line)
        }
        if let password = ProcessInfo.processInfo.environment["WHARF_PASSWORD"], !password.isEmpty {
            return OutgoingCredentials(user: name, password: password)
        }
        guard Terminal.isThere else {
            throw Failure(
                description: "There is no password for \(name): set WHARF_PASSWORD, or give it with --password-stdin."
            )
        }
        return OutgoingCredentials(user: name, password: try Terminal.password("Password of \(name) at \(registry): "))
    }
}

/// A registry does not take a name and a password.
private struct Refusal: ExitStatusError, CustomStringConvertible {
    var registry: RegistryHost
    var user: String

    var exitStatus: ExitStatus { .notAllowed }
    var description: String {
        "\(registry) does not take this password of \(user): nothing was kept. Look at the name, and whether the "
            + "registry wants a token in place of a password."
    }
}

/// Credentials that were just typed.
struct GivenCredentials: CredentialSource {
    private let credentials: OutgoingCredentials

    init(_ credentials: OutgoingCredentials) {
        self.credentials = credentials
    }

    func credential(for host: RegistryHost, repository: RepositoryName?) -> RegistryCredential? {
        .password(credentials)
    }
}
