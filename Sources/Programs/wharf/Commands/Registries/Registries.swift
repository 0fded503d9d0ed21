import AWS
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
    fileprivate let transports: Transports
    private let clients = Mutex<[ClientKey: RegistryClient]>([:])

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

    /// Whether this machine has a login for a registry.
    func hasLogin(for host: RegistryHost) async throws -> Bool {
        let source = MachineLogins(store: logins, amazon: try amazon(for: host))
        return try await source.credential(for: host, repository: nil) != nil
    }

    /// A registry.
    func registry(_ host: RegistryHost) async throws -> any Registry {
        try client(for: host)
    }

    /// A registry, with what only a client of one can do.
    ///
    /// - Parameters:
    ///   - host: Where it is.
    ///   - credentials: Who logs in; whoever this machine has a login for when nil.
    ///   - scheme: How it is spoken to, unless the options say it.
    ///   - isInsecure: Whether any certificate is believed there, and HTTP without TLS will do.
    ///   - authorityFiles: Authorities that are believed besides.
    /// - Returns: The client, which is the same for the same registry.
    /// - Throws: A `Failure` where files of certificates or variables of proxies cannot be read.
    func client(
        for host: RegistryHost,
        credentials: (any CredentialSource)? = nil,
        scheme: RegistryClient.Scheme = .automatic,
        isInsecure: Bool = false,
        authorityFiles: [String] = []
    ) throws -> RegistryClient {
        let key = ClientKey(host: host, scheme: scheme, isInsecure: isInsecure, authorityFiles: authorityFiles)
        if credentials == nil, let known = clients.withLock({ $0[key] }) { return known }
        var configuration = RegistryClient.Configuration(host: host)
        configuration.credentials = try credentials ?? MachineLogins(store: logins, amazon: amazon(for: host))
        configuration.scheme = options.plainHTTP ? .http : scheme
        configuration.userAgent = "wharf/\(Wharf.configuration.version)"
        if options.verbose { configuration.observer = RequestRemarks() }
        if isInsecure {
            Remark.print(
                "\(host) is set up as insecure on this machine: anybody on the way may read and change everything."
            )
        }
        let transport = try transports.transport(for: host, isInsecure: isInsecure, authorityFiles: authorityFiles)
        let client = RegistryClient(configuration, over: transport)
        if credentials == nil { clients.withLock { $0[key] = client } }
        return client
    }

    fileprivate struct ClientKey: Hashable {
        var host: RegistryHost
        var scheme: RegistryClient.Scheme
        var isInsecure: Bool
        var authorityFiles: [String]
    }
}

extension Registries {
    /// What asks Amazon for a password, where the registry is one of Amazon's.
    fileprivate func amazon(for host: RegistryHost) throws -> ECRLogin? {
        guard ECRLogin.isFor(host) else { return nil }
        return ECRLogin(.init(environment: machine.environment, client: try transports.plainTransport()))
    }
}

/// Says each request on standard error.
struct RequestRemarks: RequestObserver {
    func note(_ record: RequestRecord) {
        Remark.print("\(record)\(record.isAuthorized ? ", with a login" : "")")
    }
}

/// The logins that container tools keep on this machine; for Amazon's registries, what its credentials open.
struct MachineLogins: CredentialSource {
    let store: LoginStore
    let amazon: ECRLogin?

    func credential(for host: RegistryHost, repository: RepositoryName?) async throws -> RegistryCredential? {
        let found = try await Blocking.run { [store] in
            try store.login(for: host.description, repository: repository?.description)
        }
        if let found { return found.login.credential }
        return try await amazon?.credential(for: host, repository: repository)
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
