import Documents

/// The logins that container tools keep on a machine.
///
/// They are looked for as podman documents it (containers-auth.json(5)): `$REGISTRY_AUTH_FILE` alone, where it is set;
/// otherwise podman's `auth.json` of this session, podman's of this user, `$DOCKER_AUTH_CONFIG`, Docker's
/// `config.json`, and `.dockercfg`. The first that has a login is taken, and in it the one with the longest path.
///
/// All methods block while files are read and helpers run.
public struct LoginStore: Sendable {
    /// The variable that has the text of a `config.json`, for Docker and for runners of CI.
    static let textVariable = "DOCKER_AUTH_CONFIG"

    let machine: Machine
    let file: String?
    let helperTimeMax: Duration

    /// Names a machine.
    ///
    /// - Parameters:
    ///   - machine: Whose files they are.
    ///   - file: The one file that is read and written, as `--authfile` gives it.
    ///   - helperTimeMax: How long a credential helper may run; some wait for a person who unlocks them.
    public init(machine: Machine, file: String? = nil, helperTimeMax: Duration = .seconds(60)) {
        self.machine = machine
        self.file = file
        self.helperTimeMax = helperTimeMax
    }

    /// The login for a registry, or for one of its repositories; nil where nobody has one.
    ///
    /// Throws when a file that comes before a login cannot be understood, or a helper fails: to go on without a login
    /// would end in a refusal that does not say why.
    public func login(for host: String, repository: String? = nil) throws(ToolFileProblem) -> FoundLogin? {
        let key = LoginKey(host: host, repository: repository)
        for source in sources {
            if let found = try source.read(machine).flatMap({ (file) throws(ToolFileProblem) in
                try login(for: key, in: file)
            }) {
                return found
            }
        }
        return nil
    }

    private func login(for key: LoginKey, in file: LoginFile) throws(ToolFileProblem) -> FoundLogin? {
        let kept = try file.login(for: key).map { (entry, login) in
            FoundLogin(login: login, place: file.loginPlace, key: entry.name)
        }
        guard let name = try file.helper(for: key) else { return kept }
        // What stands in the file for a path says more than what a helper has for the whole registry.
        if let kept, !LoginKey(kept.key).path.isEmpty { return kept }
        let helper = helper(name, file)
        do throws(ToolFileProblem) {
            for address in key.helperAddresses {
                if let login = try helper.login(at: address) {
                    let place = LoginPlace.helper(name: name, namedIn: file.place.path)
                    return FoundLogin(login: login, place: place, key: address)
                }
            }
        } catch {
            // A helper that another machine had, in a file that was copied: the login in the file is still good.
            guard let kept, error.code == .missingHelper else { throw error }
            return kept
        }
        return kept
    }

    func helper(_ name: String, _ file: LoginFile) -> CredentialProgram {
        CredentialProgram(name: name, path: file.place.path, machine: machine, timeMax: helperTimeMax)
    }

    /// Where logins are looked for.
    enum Source {
        case file(LoginFile.Place)
        /// A variable with the text of a `config.json`.
        case variable(String)

        /// What it has now; nil where there is nothing.
        func read(_ machine: Machine) throws(ToolFileProblem) -> LoginFile? {
            switch self {
            case .file(let place):
                return try LoginFile(reading: place)
            case .variable(let name):
                guard let value = machine.variable(name) else { return nil }
                let place = LoginFile.Place(kind: .containers, path: "$" + name)
                return try LoginFile(place, FileText(path: place.path, bytes: Array(value.utf8)))
            }
        }
    }

    /// The places in the order of their rank.
    var sources: [Source] {
        if let file { return [.file(.init(kind: .docker, path: file))] }
        if let path = machine.variable("REGISTRY_AUTH_FILE") { return [.file(.init(kind: .containers, path: path))] }
        let runtime = machine.variable("XDG_RUNTIME_DIR").map { $0 + "/containers" }
        let session = runtime ?? "\(machine.root)/run/containers/\(machine.userID)"
        return [
            .file(.init(kind: .containers, path: session + "/auth.json")),
            .file(.init(kind: .containers, path: machine.configurationFolder + "/containers/auth.json")),
            .variable(Self.textVariable),
            .file(dockerPlace),
            .file(.init(kind: .legacy, path: machine.home + "/.dockercfg")),
        ]
    }

    /// Docker's own file: what Docker, podman, skopeo and most others read.
    var dockerPlace: LoginFile.Place { .init(kind: .docker, path: machine.dockerFolder + "/config.json") }
}

extension LoginFile {
    /// Where the logins of its `auths` are.
    var loginPlace: LoginPlace {
        place.path.hasPrefix("$") ? .environment(String(place.path.dropFirst())) : .file(path: place.path)
    }
}
