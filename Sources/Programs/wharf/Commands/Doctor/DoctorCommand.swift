import ArgumentParser
import ContainerTools
import Diagnosis
import OCI
import Outgoing

/// `wharf doctor`: finds out why an image cannot be had, and what mends it.
struct DoctorCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Find out, step by step, why an image cannot be had, and what mends it.",
        discussion: """
            Looks at the name, the files of Docker, containerd and podman, DNS, TCP, the proxy, TLS, the clock, /v2/, \
            the challenge, the token, the manifest, a byte of a blob, the rate limit and the disk. Nothing is changed.

            Ends with 0 when nothing failed, and with 1 when something did. An error that another tool has printed is \
            explained with --error, without a network where no reference is given.

            Examples:
              wharf doctor nginx
              wharf doctor registry.example.com:5000/team/app:1.0 -o json
              wharf doctor --error 'x509: certificate signed by unknown authority'
              docker pull nginx 2>&1 | wharf doctor --error -
            """
    )

    @Argument(help: ArgumentHelp("The image.", valueName: "reference"))
    var reference: String?

    @Option(
        name: .customLong("error"),
        help: ArgumentHelp("What Docker, containerd or podman has printed; - reads it.", valueName: "text")
    )
    var message: String?

    @Option(
        help: ArgumentHelp("The platform that is wanted, such as linux/arm64.", valueName: "platform"),
        transform: Typed.platform
    )
    var platform: Platform?

    @Option(help: ArgumentHelp("How long a connection or an answer may take, in seconds.", valueName: "seconds"))
    var timeout = 10

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    /// No message is longer.
    private static let messageByteCountMax = 1 << 20

    func validate() throws {
        guard reference != nil || message != nil else {
            throw ValidationError("name an image, or give with --error what another tool has printed")
        }
        guard (1...600).contains(timeout) else { throw ValidationError("--timeout is from 1 to 600 seconds") }
    }

    func run(with registries: Registries) async throws {
        var report = DoctorReport(reference: reference)
        let isText = output.form == .table && output.field == nil
        if let message {
            let explanation = try explanation(of: message, registries.machine)
            report.explanation = explanation
            if isText { print(DoctorText.explained(explanation), terminator: reference == nil ? "" : "\n") }
        }
        var hasFailed = false
        if let reference {
            let diagnosis = Diagnosis(try configuration(registries))
            let findings = try await diagnosis.run(reference) { finding in
                if isText { print(DoctorText.line(of: finding)) }
            }
            report.steps = findings.map { DoctorReport.Step($0) }
            hasFailed = findings.contains { $0.state == .failure }
            if isText { print(DoctorText.advice(for: findings), terminator: "") }
        }
        if !isText { try output.show(document: report) }
        if hasFailed { throw ExitCode(ExitStatus.failure.rawValue) }
    }

    private func configuration(_ registries: Registries) throws -> Diagnosis.Configuration {
        var configuration = Diagnosis.Configuration(machine: registries.machine)
        configuration.loginFile = connection.loginFile
        let host = reference.flatMap { try? ImageReference($0) }?.registry ?? .dockerHub
        registries.note(host)
        let manner = connection.manner(of: host)
        configuration.tls = OutgoingTLS(
            verification: manner.isInsecure ? .insecureAcceptsAnyCertificate : .full,
            authorityFiles: manner.authorityFiles
        )
        if let own = manner.clientCertificate {
            configuration.tls.clientCertificate = .init(certificateFile: own.certificateFile, keyFile: own.keyFile)
        }
        configuration.isPlain = manner.isPlain
        configuration.otherLogins = try registries.amazon(for: host, manner.authorityFiles)
        if let platform { configuration.platform = platform }
        configuration.connectTimeout = .seconds(timeout)
        configuration.answerTimeout = .seconds(timeout * 3)
        configuration.userAgent = "wharf/\(Wharf.configuration.version)"
        return configuration
    }

    /// The row of the table of errors that a message is, filled in with what the message names.
    private func explanation(of message: String, _ machine: Machine) throws -> DoctorReport.Explanation {
        let text =
            message == "-"
            ? String(decoding: try InputFile.bytes(of: "-", upTo: Self.messageByteCountMax), as: UTF8.self) : message
        guard let fault = FaultTable.fault(explaining: text) else {
            throw UnknownMessage(hasReference: reference != nil)
        }
        var subject = FaultSubject(root: machine.root, home: machine.home)
        subject.read(message: text)
        if let image = reference.flatMap({ try? ImageReference($0) }) { subject.read(image) }
        return DoctorReport.Explanation(fault, mends: fault.mends(subject))
    }
}

/// A message that no row of the table explains.
private struct UnknownMessage: ExitStatusError, CustomStringConvertible {
    let hasReference: Bool

    var exitStatus: ExitStatus { .notFound }
    var description: String {
        "The message is none that is known here: "
            + (hasReference ? "leave --error out, and the image is looked at." : "name the image, and it is looked at.")
    }
}
