import AdminClient
import ArgumentParser
import Foundation
import Outgoing

/// Which server a command speaks to, and as whom.
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

    /// How to reach the server; asks for the password where it must.
    func configuration() throws -> AdminClient.Configuration {
        guard let text = serverText else {
            let folder = data ?? Self.variable("WHARF_STORAGE_DATA") ?? Self.standardFolder
            return .init(.socket(URL(fileURLWithPath: folder).appendingPathComponent("admin.sock").path))
        }
        let (url, name) = try login(at: text)
        if !url.target.isSecure, !Self.isLoopback(url.target.host) {
            Remark.print("The password crosses the network in the clear: say https:// where the server speaks TLS.")
        }
        let password = try password(of: name, at: url)
        var configuration = AdminClient.Configuration(
            .server(url),
            credentials: OutgoingCredentials(user: name, password: password)
        )
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
