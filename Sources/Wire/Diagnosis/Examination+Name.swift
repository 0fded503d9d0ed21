import ContainerTools
import Dispatch
import OCI
import Outgoing
import RegistryClient

extension Examination {
    /// The reference as Docker reads it, and what people mistake in it.
    mutating func lookAtName() -> Finding {
        let typed = text.hasPrefix("docker://") ? String(text.dropFirst("docker://".count)) : text
        let read: ImageReference
        do throws(ImageReference.ParseError) {
            read = try ImageReference(typed)
        } catch {
            return failure(.name, "invalid-name", "\(shown) \(error).\(advice(for: error, typed))")
        }
        image = read
        subject.read(read)
        var seen = "\(shown) is \(read)"
        if read.tag == nil, read.digest == nil { seen += ", with the tag latest, because none was named" }
        seen += read.registry == .dockerHub ? ", at Docker Hub." : "."
        if let doubt = doubt(about: read) { return Finding(.name, .warning, "\(seen) \(doubt)") }
        return Finding(.name, .good, seen)
    }

    /// What was typed, short enough to be shown.
    private var shown: String {
        let printable = text.unicodeScalars.prefix(300).map { $0.value < 0x20 || $0.value == 0x7F ? "?" : String($0) }
        return text.isEmpty ? "The reference" : printable.joined()
    }

    private func advice(for error: ImageReference.ParseError, _ typed: String) -> String {
        switch error {
        case .scheme:
            let rest = typed.split(separator: "/").dropFirst().joined(separator: "/")
            return rest.isEmpty ? "" : " Write \(rest)"
        case .capitals: return " Write \(typed.lowercasedName)."
        case .tag(let tag, _) where !tag.isEmpty && tag.allSatisfy(\.isNumber):
            return " If \(tag) is a port, a slash and a repository must follow."
        default: return ""
        }
    }

    private func doubt(about image: ImageReference) -> String? {
        if let tag = image.tag?.description, tag.count >= 4, tag.allSatisfy(\.isNumber),
            !text.contains("/")
        {
            return
                "If \(tag) was meant as the port of the registry \(text.prefix { $0 != ":" }), a repository "
                + "must follow: "
                + "\(text)/REPOSITORY."
        }
        let first = text.prefix { $0 != "/" }
        if image.registry == .dockerHub, !first.contains("."), text.contains("/"), first != "docker",
            image.repository.components.count > 2
        {
            return
                "Docker Hub has no names of three parts: if \(first) is a registry, name it with its domain "
                + "or its port."
        }
        if image.registry != .dockerHub, image.repository.components.first == "library",
            image.repository.components.count == 2
        {
            return "Only Docker Hub puts names into library/ by itself; elsewhere it is a folder like any other."
        }
        return nil
    }

    /// What the container tools of this machine keep: logins, authorities, mirrors, and what is wrong with them.
    mutating func lookAtFiles() async -> Finding {
        let machine = configuration.machine
        let store = LoginStore(machine: machine, file: configuration.loginFile)
        let (host, repository) = (image?.registry.description, image?.repository.description)
        var kept = await Self.unblocked {
            KeptFiles(machine: machine, store: store, host: host, repository: repository)
        }
        login = kept.login?.login
        loginPlace = kept.login?.place.description
        if login == nil { await askOthers(&kept) }
        isKnownInsecure = kept.mirrors.isInsecure
        tls.authorityFiles += kept.trust.authorityFiles
        if tls.clientCertificate == nil, let own = kept.trust.clientCertificates.first {
            tls.clientCertificate = .init(certificateFile: own.certificateFile, keyFile: own.keyFile)
        }
        subject.problems = kept.problems.map { "\($0)" }
        let isHelper = kept.problems.contains { $0.code == .missingHelper || $0.code == .failedHelper }
        if kept.problems.contains(where: { $0.severity == .error }) {
            let code = isHelper ? "credential-helper" : "tool-files"
            return failure(.files, code, kept.problems.map { "\($0)." }.joined(separator: " "))
        }
        guard kept.problems.isEmpty else {
            return warning(.files, "tool-files", kept.problems.map { "\($0)." }.joined(separator: " "))
        }
        return Finding(.files, .good, kept.sentence)
    }

    /// Asks for a login where no file has one.
    private mutating func askOthers(_ kept: inout KeptFiles) async {
        guard let source = configuration.otherLogins, let image else { return }
        do {
            let credential = try await source.credential(for: image.registry, repository: image.repository)
            guard let credential else { return }
            login = StoredLogin(credential)
            loginPlace = "the service of \(image.registry)"
            kept.given = "The cloud's own service gives a login for this registry, \(login.map { "\($0)" } ?? "")."
        } catch {
            kept.given = "There is no login for this registry in files, and its own service gives none: \(error)."
        }
    }

    /// Runs what reads files and waits for programs on a thread where that is no harm.
    private static func unblocked<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: body()) }
        }
    }
}

/// What files of tools say of a registry.
private struct KeptFiles: Sendable {
    var login: FoundLogin?
    /// What the registry's own service gave, in a sentence.
    var given: String?
    var mirrors = MirrorSet()
    var trust = RegistryTrust()
    var problems: [ToolFileProblem] = []

    init(machine: Machine, store: LoginStore, host: String?, repository: String?) {
        let trust = TrustStore(machine: machine)
        let mirrors = MirrorFiles(machine: machine)
        problems = store.problems() + trust.problems() + mirrors.problems()
        guard let host else { return }
        self.trust = trust.trust(for: host)
        do throws(ToolFileProblem) {
            login = try store.login(for: host, repository: repository)
        } catch {
            add(error)
        }
        do throws(ToolFileProblem) {
            self.mirrors = try mirrors.mirrors(for: host, repository: repository)
        } catch {
            add(error)
        }
    }

    private mutating func add(_ problem: ToolFileProblem) {
        if !problems.contains(problem) { problems.append(problem) }
    }

    var sentence: String {
        var parts: [String] = []
        parts.append(
            login.map { "There is a login, \($0.login), in \($0.place)." } ?? given
                ?? "There is no login for this registry."
        )
        for mirror in mirrors.mirrors {
            parts.append("\(mirror.tool.rawValue) asks the mirror \(mirror.address) first.")
        }
        if let place = mirrors.location { parts.append("\(place.file) sends what is asked for to \(place.address).") }
        if let path = mirrors.blockedBy { parts.append("\(path) blocks it for podman and wharf.") }
        if mirrors.isInsecure { parts.append("It is set as insecure: its certificate is not looked at there.") }
        let files = trust.authorityFiles
        if !files.isEmpty { parts.append("Authorities for it: \(files.joined(separator: ", ")).") }
        return parts.joined(separator: " ")
    }
}

extension String {
    /// The reference with its name in lower case; tags keep their case.
    fileprivate var lowercasedName: String {
        let slash = lastIndex(of: "/") ?? startIndex
        let end = self[slash...].firstIndex { $0 == ":" || $0 == "@" } ?? endIndex
        return self[..<end].lowercased() + self[end...]
    }
}

extension StoredLogin {
    /// The same as a file would have it.
    fileprivate init(_ credential: RegistryCredential) {
        self =
            switch credential {
            case .password(let pair): .password(user: pair.user, password: pair.password)
            case .identityToken(let token): .identityToken(user: nil, token: token)
            case .registryToken(let token): .registryToken(token)
            }
    }
}
