import AdminClient
import ArgumentParser
import ContainerTools
import Foundation
import OCI
import Outgoing
import RegistryClient

/// Which server a command speaks to, and as whom.
///
/// A server can be said by an option, or by the name of an image that begins with it, as commands for images have it:
/// then the login that this machine has for it will do.
///
/// A password is never an argument: arguments stand in the list of processes, which everybody on the machine reads.
struct ConnectionOptions: ParsableArguments {
    /// The folder that `wharf serve` uses when none is named.
    private static let standardFolder = "wharf-data"

    @Option(
        help: ArgumentHelp("The data folder of a server on this machine; its admin.sock is used.", valueName: "dir")
    )
    var data: String?

    @Option(help: ArgumentHelp("The address of a server (or WHARF_SERVER).", valueName: "url"))
    var server: String?

    @Option(help: ArgumentHelp("Who logs in to that server (or WHARF_USER).", valueName: "name"))
    var user: String?

    @Flag(help: "Read the password from the first line of standard input, not from WHARF_PASSWORD or the terminal.")
    var passwordStdin = false

    @Option(
        name: .customLong("ca"),
        help: ArgumentHelp("A file of authorities in PEM to believe besides the system's own.", valueName: "file")
    )
    var authorityFiles: [String] = []

    @Flag(help: "Believe any certificate: anybody on the way may then read the password.")
    var insecure = false

    func validate() throws {
        guard data == nil || server == nil else {
            throw ValidationError("--data and --server both say which server: give one of them")
        }
        if let serverText {
            _ = try login(at: serverText)
            return
        }
        // Else an argument may name a server.
        if data != nil { try demandNoStrays() }
    }

    /// Throws where something is said that is for a server in the network.
    private func demandNoStrays() throws {
        let strays = [
            (user != nil, "--user"), (passwordStdin, "--password-stdin"), (!authorityFiles.isEmpty, "--ca"),
            (insecure, "--insecure"),
        ]
        if let stray = strays.first(where: { $0.0 }) {
            throw ValidationError("\(stray.1) is for a server in the network: name it with --server URL")
        }
    }

    /// The address of a server in the network; nil where the socket of a data folder is used.
    private var serverText: String? {
        data == nil ? server ?? Self.variable("WHARF_SERVER") : nil
    }

    /// Whether the caller is the administrator of the machine, and no account.
    var isLocal: Bool { serverText == nil }

    /// How to reach the server, which may be one that the name of an image begins with; asks for the password where it
    /// must.
    ///
    /// Beside `--data` the name is what clients call the server of that folder.
    func configuration(of host: RegistryHost? = nil) async throws -> AdminClient.Configuration {
        if let text = serverText {
            let (url, name) = try login(at: text)
            if let host, !host.isAt(url.target) {
                throw ValidationError("the server is \(url.target), and a name begins with \(host): say one of them")
            }
            return try configuration(at: url, as: .init(user: name, password: try password(of: name, at: url)))
        }
        if let host, data == nil { return try await configuration(at: host) }
        try demandNoStrays()
        let folder = data ?? Self.variable("WHARF_STORAGE_DATA") ?? Self.standardFolder
        return .init(.socket(URL(fileURLWithPath: folder).appendingPathComponent("admin.sock").path))
    }

    /// A server in the network, as whoever the options name, else as whoever has logged in there on this machine.
    private func configuration(at host: RegistryHost) async throws -> AdminClient.Configuration {
        let (transports, manner) = (Transports(machine: .current), manner)
        let url: OutgoingURL
        do {
            url = try await transports.root(of: host, manner: manner)
        } catch {
            await transports.shutDown()
            throw error
        }
        await transports.shutDown()
        var configuration = try configuration(at: url, as: try await credentials(for: host, at: url))
        configuration.tls = transports.tls(for: host, manner)
        return configuration
    }

    private var manner: RegistryManner {
        RegistryManner(authorityFiles: authorityFiles, isInsecure: insecure)
    }

    private func credentials(for host: RegistryHost, at url: OutgoingURL) async throws -> OutgoingCredentials {
        if let name = user ?? Self.variable("WHARF_USER") {
            return OutgoingCredentials(user: name, password: try password(of: name, at: url))
        }
        let store = LoginStore(machine: .current)
        let found = try await Blocking.run { try store.login(for: host.description) }
        guard !passwordStdin, case .password(let name, let password)? = found?.login else {
            throw ValidationError(
                "say who logs in to \(host): --user NAME, WHARF_USER, or `wharf login \(host)` before"
            )
        }
        return OutgoingCredentials(user: name, password: password)
    }

    private func configuration(
        at url: OutgoingURL,
        as credentials: OutgoingCredentials
    ) throws -> AdminClient.Configuration {
        if !url.target.isSecure, !Self.isLoopback(url.target.host) {
            Remark.print("The password crosses the network in the clear: say https:// where the server speaks TLS.")
        }
        var configuration = AdminClient.Configuration(.server(url), credentials: credentials)
        configuration.tls = OutgoingTLS(
            verification: insecure ? .insecureAcceptsAnyCertificate : .full,
            authorityFiles: authorityFiles
        )
        do {
            configuration.proxies = try ProxySelection(environment: ProcessInfo.processInfo.environment)
        } catch {
            throw Failure(description: error.description)
        }
        return configuration
    }

    /// The server and who logs in there.
    private func login(at text: String) throws -> (url: OutgoingURL, name: String) {
        let url: OutgoingURL
        do {
            url = try OutgoingURL(text)
        } catch {
            throw ValidationError("\(text) is no address of a server: \(error)")
        }
        guard let name = user ?? Self.variable("WHARF_USER") else {
            throw ValidationError("say who logs in to \(url.target): --user NAME, or WHARF_USER")
        }
        return (url, name)
    }

    private static func isLoopback(_ host: String?) -> Bool {
        guard let host else { return true }
        return host == "localhost" || host.hasPrefix("127.") || host == "::1"
    }

    private func password(of name: String, at url: OutgoingURL) throws -> String {
        if passwordStdin {
            guard let line = try StandardInput.line(), !line.isEmpty else {
                throw Failure(description: "Standard input has no password in its first line.")
            }
            return line
        }
        if let password = Self.variable("WHARF_PASSWORD") { return password }
        guard Terminal.isThere else {
            throw Failure(
                description: "There is no password for \(name): set WHARF_PASSWORD, or give it with --password-stdin."
            )
        }
        return try Terminal.password("Password of \(name) at \(url.target): ")
    }

    /// A variable of the environment; nil for an empty one too.
    private static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
