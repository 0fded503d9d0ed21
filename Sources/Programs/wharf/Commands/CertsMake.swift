import ArgumentParser
import Certificates
import Foundation

/// `wharf certs make`: makes a certificate for the server, and the CA that signs it if there is none yet.
struct CertsMake: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make",
        abstract: "Make a certificate and key for the server, signed by a private CA.",
        discussion: """
            The folder gets ca.pem, which clients are to trust, ca.key, server.pem and server.key. A CA that is there \
            already signs again and is never overwritten: run the same command before the certificate ends, and no \
            client has to be told. A server that runs with these files takes the new ones up by itself.

            Example: wharf certs make --name registry.example.com --name 10.0.0.5
            """
    )

    @Option(
        name: .customLong("name"),
        help: ArgumentHelp(
            "What clients call the server: a host name, *.example.com, or an IP address. May be repeated.",
            valueName: "host"
        )
    )
    var names: [String]

    @Option(name: .customLong("out"), help: ArgumentHelp("The folder of the four files.", valueName: "dir"))
    var folder = "wharf-certs"

    @Option(
        name: .customLong("days"),
        help: "How long the certificate lasts, \(ServerCertificate.dayCountMax) days at most."
    )
    var dayCount = 365

    @Option(help: "The port of the server, for the commands that are printed.")
    var port = 5000

    func validate() throws {
        guard (1...65535).contains(port) else { throw ValidationError("a port is a number from 1 to 65535") }
        guard (1...ServerCertificate.dayCountMax).contains(dayCount) else {
            throw ValidationError("--days is 1 to \(ServerCertificate.dayCountMax): clients refuse more")
        }
    }

    func run() throws {
        do {
            let names = try names.map { try CertificateName($0) }
            let folder = try CertsFolder.open(folder)
            let made = try folder.make(for: names, at: Date(), dayCount: dayCount)
            print(CertsAdvice(folder: folder.path, names: names, port: port, made: made).text, terminator: "")
        } catch {
            throw Failure.explaining(error)
        }
    }
}
