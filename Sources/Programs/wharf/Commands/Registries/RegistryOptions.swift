import ArgumentParser

/// How registries are reached: what all commands that speak to one have in common.
struct RegistryOptions: ParsableArguments {
    @Option(
        name: .customLong("ca"),
        help: ArgumentHelp("A file of authorities in PEM to believe besides the system's own.", valueName: "file")
    )
    var authorityFiles: [String] = []

    @Option(
        help: ArgumentHelp("The certificate of the client in PEM, for registries that ask for one.", valueName: "file")
    )
    var clientCertificate: String?

    @Option(help: ArgumentHelp("The key of that certificate in PEM.", valueName: "file"))
    var clientKey: String?

    @Flag(help: "Believe any certificate: anybody on the way may then read and change everything.")
    var insecure = false

    @Flag(help: "Speak HTTP without TLS: anybody on the way may then read and change everything.")
    var plainHTTP = false

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
        guard (clientCertificate == nil) == (clientKey == nil) else {
            throw ValidationError("--client-certificate and --client-key go together: give both")
        }
    }
}
