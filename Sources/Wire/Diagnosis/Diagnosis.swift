public import ContainerTools
public import Foundation
public import OCI
public import Outgoing
public import RegistryClient

/// Finds out, step by step, why an image cannot be had, and what mends it.
///
/// Nothing is changed anywhere, and no more than a manifest and some bytes of one blob are fetched. Each step stands
/// on those before it: behind the first that fails, those that need it are not reached.
public struct Diagnosis: Sendable {
    /// How it is done.
    public struct Configuration: Sendable {
        /// Whose files are looked at.
        public var machine: Machine
        /// The file of logins in place of Docker's and podman's own.
        public var loginFile: String?
        /// Who has a login where no file has one, such as a cloud's own service; nobody when nil.
        public var otherLogins: (any CredentialSource)?
        /// Whom to believe, beside the authorities that the tools' files name.
        public var tls = OutgoingTLS()
        /// Whether HTTP is spoken without TLS.
        public var isPlain = false
        /// The platform that is wanted of an image for several.
        public var platform = Platform(architecture: Self.architecture, os: "linux")
        /// How long a connection, a handshake or a look-up may take.
        public var connectTimeout = Duration.seconds(10)
        /// How long a server may think about a request.
        public var answerTimeout = Duration.seconds(30)
        /// What finds the addresses of a name.
        public var resolver = AddressResolver.system
        /// What time it is.
        public var now: @Sendable () -> Date = { Date() }
        /// What the client calls itself.
        public var userAgent = "wharf"

        /// The usual, for a machine.
        public init(machine: Machine) {
            self.machine = machine
        }

        /// The processor of this program, in Go's names.
        private static var architecture: String {
            #if arch(arm64)
                "arm64"
            #else
                "amd64"
            #endif
        }
    }

    private let configuration: Configuration

    /// Sets how it is done.
    public init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    /// Looks at every step for a reference as somebody typed it.
    ///
    /// - Parameters:
    ///   - text: the reference.
    ///   - note: is told of each step when it is over.
    /// - Returns: a finding for each step, in their order.
    /// - Throws: `CancellationError`.
    public func run(_ text: String, note: (Finding) -> Void = { _ in }) async throws -> [Finding] {
        var examination = Examination(text: text, configuration)
        var findings: [Finding] = []
        // Steps that are closed, and the failure that closed each.
        var closed: [DiagnosisStep: DiagnosisStep] = [:]
        for step in DiagnosisStep.allCases {
            let finding: Finding
            if let cause = step.need.flatMap({ closed[$0] }) {
                finding = Finding(step, .notReached, "Not looked at: \(cause.title) failed.")
                closed[step] = cause
            } else {
                finding = await examination.look(at: step)
                if Task.isCancelled { break }
            }
            // A wrong clock does not keep the next steps from being looked at.
            if finding.state == .failure, step != .clock { closed[step] = step }
            findings.append(finding)
            note(finding)
        }
        await examination.end()
        try Task.checkCancellation()
        return findings
    }
}
