import ArgumentParser
import ContainerTools
import OCI

/// `wharf logout`: forgets the login for a registry.
struct LogoutCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout",
        abstract: "Forget the login for a registry.",
        discussion: """
            Example: wharf logout registry.example.com
            """
    )

    @Argument(
        help: ArgumentHelp("The registry; Docker Hub when none is named.", valueName: "registry"),
        transform: Typed.registry
    )
    var registry: RegistryHost = .dockerHub

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        let (store, host) = (registries.logins, registry.description)
        let removal = try await Blocking.run { try store.remove(for: host) }
        if removal.removed.isEmpty { Remark.print("There was no login for \(registry).") }
        for place in removal.removed { Remark.print("The login for \(registry) has been removed from \(place).") }
        for place in removal.remaining { Remark.print("There is still a login for \(registry) in \(place).") }
    }
}
