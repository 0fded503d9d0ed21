import ArgumentParser

/// `wharf certs`: certificates of a private CA, and what a certificate says.
struct Certs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certs",
        abstract: "Make a certificate for the registry with a private CA, and show what a certificate says.",
        discussion: "Example: wharf certs make --name registry.example.com",
        subcommands: [CertsMake.self, CertsShow.self]
    )
}
