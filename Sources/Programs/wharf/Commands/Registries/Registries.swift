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
    let transports: Transports
    private let clients = Mutex<[ClientKey: RegistryClient]>([:])
    /// The registry that options without a registry are for.
    private let sole = Mutex<RegistryHost?>(nil)
    /// The registries that there were clients for.
    private let asked = Mutex<Set<RegistryHost>>([])
    /// What earlier commands have begun to upload.
    private let uploads: UploadNotes?

    private init(_ options: RegistryOptions, machine: Machine, transports: Transports) {
        self.options = options
        self.machine = machine
        self.transports = transports
        uploads = UploadNotes(machine: machine)
    }

    /// Runs `body` with registries, and ends all connections afterwards.
    static func with<Value: Sendable>(
        _ options: RegistryOptions,
        _ body: (Registries) async throws -> Value
    ) async throws -> Value {
        let transports = Transports(machine: .current)
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
        let authorityFiles = options.manner(of: host).authorityFiles
        let source = MachineLogins(store: logins, amazon: try amazon(for: host, authorityFiles))
        return try await source.credential(for: host, repository: nil) != nil
    }

    /// A registry, as Docker and podman are set up to speak to it.
    ///
    /// - Parameters:
    ///   - host: Where it is.
    ///   - repository: What is asked for there, where that is known: files may say more of it than of all.
    ///   - manner: How it is reached, besides what the options say.
    /// - Returns: A client of it.
    /// - Throws: A `Failure` as of `client(for:)` and `settings(of:_:)`.
    func registry(
        _ host: RegistryHost,
        _ repository: RepositoryName? = nil,
        manner: RegistryManner = RegistryManner()
    ) async throws -> any Registry {
        try client(for: host, manner: manner, isInsecure: try await settings(of: host, repository).isInsecure)
    }

    /// What Docker and podman are set up with on this machine for a registry, or for one of its repositories.
    ///
    /// - Throws: What is wrong with their files, and a `Failure` where one of them blocks the registry.
    @discardableResult
    func settings(of host: RegistryHost, _ repository: RepositoryName? = nil) async throws -> MirrorSet {
        let set = try await written(of: host.description, repository?.description)
        guard let file = set.blockedBy else { return set }
        let name = repository.map { "\(host)/\($0)" } ?? host.description
        throw Failure(description: "\(file) blocks \(name): take `blocked = true` away there, if it should be asked.")
    }

    /// What the files of Docker and podman say, also of a registry that they block.
    func written(of host: String, _ repository: String?) async throws -> MirrorSet {
        let files = MirrorFiles(machine: machine)
        return try await Blocking.run {
            try files.mirrors(for: host, repository: repository, of: [.docker, .podman])
        }
    }

    /// A registry that somebody named, with what only a client of one can do.
    ///
    /// - Parameters:
    ///   - host: Where it is.
    ///   - credentials: Who logs in; whoever this machine has a login for when nil.
    ///   - manner: How it is reached, besides what the options say.
    ///   - isInsecure: Whether this machine is set up to believe any certificate there, and HTTP without TLS will do.
    /// - Returns: The client, which is the same for the same registry.
    /// - Throws: A `Failure` where files of certificates or variables of proxies cannot be read, and a
    ///   `ValidationError` where options would count for a second registry without a word.
    func client(
        for host: RegistryHost,
        credentials: (any CredentialSource)? = nil,
        manner: RegistryManner = RegistryManner(),
        isInsecure: Bool = false
    ) throws -> RegistryClient {
        try demandSole(host)
        let manner = options.manner(of: host).adding(manner)
        return try client(for: host, credentials: credentials, whole: manner, .automatic, isInsecure: isInsecure)
    }

    /// A registry that a file of this machine names in place of another, such as a mirror.
    ///
    /// Options without a registry were said of that other one.
    func substitute(
        _ host: RegistryHost,
        manner: RegistryManner = RegistryManner(),
        scheme: RegistryClient.Scheme = .automatic,
        isInsecure: Bool
    ) throws -> RegistryClient {
        let manner = options.manner(of: host, isTyped: false).adding(manner)
        return try client(for: host, credentials: nil, whole: manner, scheme, isInsecure: isInsecure)
    }

    private func client(
        for host: RegistryHost,
        credentials: (any CredentialSource)?,
        whole manner: RegistryManner,
        _ scheme: RegistryClient.Scheme,
        isInsecure: Bool
    ) throws -> RegistryClient {
        note(host)
        let key = ClientKey(host: host, scheme: scheme, isInsecure: isInsecure, manner: manner)
        if credentials == nil, let known = clients.withLock({ $0[key] }) { return known }
        var configuration = RegistryClient.Configuration(host: host)
        configuration.credentials =
            try credentials ?? MachineLogins(store: logins, amazon: amazon(for: host, manner.authorityFiles))
        configuration.scheme = manner.isPlain ? .http : isInsecure && scheme == .automatic ? .httpsOrHTTP : scheme
        configuration.uploadMemory = uploads
        configuration.userAgent = "wharf/\(Wharf.configuration.version)"
        if options.verbose { configuration.observer = RequestRemarks() }
        if manner.isInsecure {
            Remark.print(
                "The certificate of \(host) is not looked at: anybody on the way may read and change everything."
            )
        } else if isInsecure {
            Remark.print(
                "\(host) is set up as insecure on this machine: anybody on the way may read and change everything."
            )
        }
        let transport = try transports.transport(for: host, manner: manner, isInsecure: isInsecure)
        let client = RegistryClient(configuration, over: transport)
        if credentials == nil { clients.withLock { $0[key] = client } }
        return client
    }

    /// Refuses a second registry where it is not said for which of the two an option is.
    private func demandSole(_ host: RegistryHost) throws {
        guard let option = options.unnamed else { return }
        let first = sole.withLock { sole in
            if sole == nil { sole = host }
            return sole ?? host
        }
        guard first == host else {
            throw ValidationError(
                "\(option.rawValue) would count for \(first) and for \(host): say for which, such as "
                    + option.named(for: host)
            )
        }
    }

    fileprivate struct ClientKey: Hashable {
        var host: RegistryHost
        var scheme: RegistryClient.Scheme
        var isInsecure: Bool
        var manner: RegistryManner
    }
}

extension Registries {
    /// Takes down that a registry is asked.
    func note(_ host: RegistryHost) {
        asked.withLock { _ = $0.insert(host) }
    }

    /// Says for which registries options were given that nobody has asked: likely their names are mistyped.
    func remarkUnaskedRegistries() {
        let asked = asked.withLock { $0 }
        for (registry, option) in options.named where !asked.contains(registry) {
            Remark.print("Nothing was asked of \(registry), which \(option) was given for: look at its spelling.")
        }
    }

    /// What asks Amazon for a password, where the registry is one of Amazon's.
    func amazon(for host: RegistryHost, _ authorityFiles: [String]) throws -> ECRLogin? {
        guard ECRLogin.isFor(host) else { return nil }
        let client = try transports.plainTransport(authorityFiles: authorityFiles)
        return ECRLogin(.init(environment: machine.environment, client: client))
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
