import ArgumentParser
import ContainerTools
import OCI

/// How registries are reached: what all commands that speak to one have in common.
struct RegistryOptions: ParsableArguments {
    @Option(
        name: .customLong("ca"),
        help: ArgumentHelp(
            "A file of authorities in PEM to believe besides the system's own; HOST=FILE for one registry of several.",
            valueName: "file"
        ),
        transform: Typed.meantFile
    )
    var authorityFiles: [MeantFile] = []

    @Option(
        help: ArgumentHelp(
            "The certificate of the client in PEM, for registries that ask for one; HOST=FILE for one of several.",
            valueName: "file"
        ),
        transform: Typed.meantFile
    )
    var clientCertificate: [MeantFile] = []

    @Option(
        help: ArgumentHelp("The key of that certificate in PEM; HOST=FILE as with the certificate.", valueName: "file"),
        transform: Typed.meantFile
    )
    var clientKey: [MeantFile] = []

    @Flag(help: "Believe any certificate: anybody on the way may then read and change everything.")
    var insecure = false

    @Option(
        help: ArgumentHelp("The same for one registry, where a command speaks to several.", valueName: "registry"),
        transform: Typed.registry
    )
    var insecureFor: [RegistryHost] = []

    @Flag(help: "Speak HTTP without TLS: anybody on the way may then read and change everything.")
    var plainHTTP = false

    @Option(
        help: ArgumentHelp(
            "HTTP without TLS to one registry, where a command speaks to several.",
            valueName: "registry"
        ),
        transform: Typed.registry
    )
    var plainHTTPFor: [RegistryHost] = []

    @Option(
        name: .customLong("authfile"),
        help: ArgumentHelp("The file of logins to use in place of Docker's and podman's own.", valueName: "file")
    )
    var loginFile: String?

    @Flag(help: "Pass over the mirrors that this machine is set up with.")
    var noMirrors = false

    @Flag(name: .shortAndLong, help: "Show each request and its answer on standard error, without secrets.")
    var verbose = false

    func validate() throws {
        guard clientCertificate.map(\.registry) == clientKey.map(\.registry),
            Set(clientCertificate.map(\.registry)).count == clientCertificate.count
        else {
            throw ValidationError(
                "--client-certificate and --client-key go together: give both, once for each registry"
            )
        }
    }

    /// How a registry is to be reached.
    ///
    /// - Parameters:
    ///   - host: The registry.
    ///   - isTyped: Whether somebody named it: a mirror that files name gets only what names it too.
    /// - Returns: What the options say of it.
    func manner(of host: RegistryHost, isTyped: Bool = true) -> RegistryManner {
        let isMeant = { (file: MeantFile) in file.registry.map { $0 == host } ?? isTyped }
        var manner = RegistryManner()
        manner.authorityFiles = authorityFiles.filter(isMeant).map(\.path)
        // What was said for the one registry comes before what was said for any.
        let pairs = zip(clientCertificate, clientKey).filter { isMeant($0.0) }
        if let (certificate, key) = pairs.first(where: { $0.0.registry != nil }) ?? pairs.first {
            manner.clientCertificate = .init(certificateFile: certificate.path, keyFile: key.path)
        }
        manner.isInsecure = (insecure && isTyped) || insecureFor.contains(host)
        manner.isPlain = (plainHTTP && isTyped) || plainHTTPFor.contains(host)
        return manner
    }

    /// The registries that options were given for, each with the first of these options.
    var named: [(registry: RegistryHost, option: String)] {
        var all = authorityFiles.compactMap { file in file.registry.map { ($0, "--ca") } }
        all += clientCertificate.compactMap { file in file.registry.map { ($0, "--client-certificate") } }
        all += insecureFor.map { ($0, "--insecure-for") } + plainHTTPFor.map { ($0, "--plain-http-for") }
        return all.reduce(into: []) { named, next in
            if !named.contains(where: { $0.registry == next.0 }) { named.append(next) }
        }
    }

    /// An option that was given without a registry; nil where none was.
    var unnamed: UnnamedOption? {
        if plainHTTP { return .plainHTTP }
        if insecure { return .insecure }
        if clientCertificate.contains(where: { $0.registry == nil }) { return .clientCertificate }
        return authorityFiles.contains { $0.registry == nil } ? .authority : nil
    }
}

/// An option of trust that was given without the registry that it is for.
enum UnnamedOption: String {
    case plainHTTP = "--plain-http"
    case insecure = "--insecure"
    case clientCertificate = "--client-certificate"
    case authority = "--ca"

    /// How it is given for a registry.
    func named(for host: RegistryHost) -> String {
        switch self {
        case .plainHTTP, .insecure: "\(rawValue)-for \(host)"
        case .clientCertificate: "\(rawValue) \(host)=FILE --client-key \(host)=FILE"
        case .authority: "\(rawValue) \(host)=FILE"
        }
    }
}

/// A file that was named for one registry, or for the only one of a command.
struct MeantFile: Sendable, Hashable {
    /// The registry; nil for the only one.
    var registry: RegistryHost?
    /// The file.
    var path: String
}

/// How one registry is reached and trusted, as it was said for a command or in a file.
struct RegistryManner: Sendable, Hashable {
    /// Authorities that are believed besides.
    var authorityFiles: [String] = []
    /// The certificate to show.
    var clientCertificate: RegistryTrust.ClientCertificate?
    /// Whether any certificate is believed.
    var isInsecure = false
    /// Whether HTTP is spoken without TLS.
    var isPlain = false

    /// Both; what the other says of the client's certificate wins.
    func adding(_ other: RegistryManner) -> RegistryManner {
        RegistryManner(
            authorityFiles: authorityFiles + other.authorityFiles.filter { !authorityFiles.contains($0) },
            clientCertificate: other.clientCertificate ?? clientCertificate,
            isInsecure: isInsecure || other.isInsecure,
            isPlain: isPlain || other.isPlain
        )
    }
}
