import ArgumentParser
import ContainerTools
import Foundation
import OCI
import Outgoing
import RegistryClient
import RegistryContract
import Synchronization
import Transfer

/// The registries that a command speaks to: each is opened once, with the logins and the trust of this machine.
final class Registries: Sendable {
    let options: RegistryOptions
    let machine: Machine
    private let transports: Transports
    private let clients = Mutex<[RegistryHost: RegistryClient]>([:])

    private init(_ options: RegistryOptions, machine: Machine, transports: Transports) {
        self.options = options
        self.machine = machine
        self.transports = transports
    }

    /// Runs `body` with registries, and ends all connections afterwards.
    static func with<Value: Sendable>(
        _ options: RegistryOptions,
        _ body: (Registries) async throws -> Value
    ) async throws -> Value {
        let transports = Transports(options, machine: .current)
        if options.insecure {
            Remark.print("Certificates are not looked at: anybody on the way may read and change everything.")
        }
        do {
            let value = try await body(Registries(options, machine: .current, transports: transports))
            await transports.shutDown()
            return value
        } catch {
            await transports.shutDown()
            throw error
        }
    }

    /// The logins of this machine.
    var logins: LoginStore { LoginStore(machine: machine, file: options.loginFile) }

    /// A registry.
    func registry(_ host: RegistryHost) async throws -> any Registry {
        try client(for: host)
    }

    /// A registry, with what only a client of one can do.
    func client(for host: RegistryHost, credentials: (any CredentialSource)? = nil) throws -> RegistryClient {
        if credentials == nil, let known = clients.withLock({ $0[host] }) { return known }
        var configuration = RegistryClient.Configuration(host: host)
        configuration.credentials = credentials ?? MachineLogins(store: logins)
        configuration.scheme = options.plainHTTP ? .http : .automatic
        configuration.userAgent = "wharf/\(Wharf.configuration.version)"
        if options.verbose { configuration.observer = RequestRemarks() }
        let client = RegistryClient(configuration, over: try transports.transport(for: host))
        if credentials == nil { clients.withLock { $0[host] = client } }
        return client
    }
}

/// Says each request on standard error.
struct RequestRemarks: RequestObserver {
    func note(_ record: RequestRecord) {
        Remark.print("\(record)\(record.isAuthorized ? ", with a login" : "")")
    }
}

/// The logins that container tools keep on this machine.
struct MachineLogins: CredentialSource {
    let store: LoginStore

    func credential(for host: RegistryHost, repository: RepositoryName?) async throws -> RegistryCredential? {
        let found = try await Blocking.run { [store] in
            try store.login(for: host.description, repository: repository?.description)
        }
        return found.map { $0.login.credential }
    }
}

extension StoredLogin {
    /// The same for a client.
    var credential: RegistryCredential {
        switch self {
        case .password(let user, let password): .password(OutgoingCredentials(user: user, password: password))
        case .identityToken(_, let token): .identityToken(token)
        case .registryToken(let token): .registryToken(token)
        }
    }
}
