import ArgumentParser
import Certificates
import Foundation

/// `wharf certs show`: prints what the certificates in a file say.
struct CertsShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print the names, the issuer, the time and the fingerprint of each certificate in a file.",
        discussion: "Example: wharf certs show wharf-certs/server.pem"
    )

    @Argument(help: ArgumentHelp("A file of certificates in PEM.", valueName: "file"))
    var file: String

    func run() throws {
        do {
            let facts = try CertificateFacts.read(try CertsFolder.text(of: file))
            print(facts.map { Self.text($0, at: Date()) }.joined(separator: "\n"), terminator: "")
        } catch let error as UnusableCertificate {
            throw Failure(description: "\(file): \(error.message).")
        } catch {
            throw Failure.explaining(error)
        }
    }

    private static func text(_ facts: CertificateFacts, at now: Date) -> String {
        let days = facts.daysLeft(at: now)
        let state =
            switch days {
            case ..<0: "none: it has ended"
            case _ where facts.from > now: "\(days), but it begins only then: is this machine's clock right?"
            default: "\(days)"
            }
        let names = facts.isAuthority && facts.names.isEmpty ? "none: it is a CA" : facts.names.joined(separator: ", ")
        let lines = [
            ("names", names),
            ("subject", facts.subject),
            ("issuer", facts.issuer),
            ("serial number", facts.serialNumber),
            ("from", CertificateFacts.text(facts.from)),
            ("until", CertificateFacts.text(facts.until)),
            ("days left", state),
            ("SHA-256", facts.fingerprint),
        ]
        return lines.map { name, value in
            "\(name):".padding(toLength: 15, withPad: " ", startingAt: 0) + value + "\n"
        }.joined()
    }
}
