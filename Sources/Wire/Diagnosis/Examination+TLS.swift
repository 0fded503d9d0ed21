import Certificates
import ContainerTools
import Foundation
import OCI
import Outgoing

extension Examination {
    /// Who is there: the handshake, the certificates, and then the first request.
    mutating func lookAtTLS() async -> Finding {
        guard let endpoint, let address else { return Finding(.tls, .notReached, "There is no registry.") }
        do {
            client = try makeClient()
        } catch {
            return failure(.tls, "tool-files", "\(error)")
        }
        guard target?.isSecure == true else { return await lookAtPlain(endpoint) }
        let probe = ServerProbe(timeout: configuration.connectTimeout)
        let shown: TLSGreeting
        do {
            shown = try await probe.greet(secure(endpoint), at: address, through: proxy, tls: tls)
        } catch let error as OutgoingError {
            return await lookAtFailedHandshake(error, endpoint)
        } catch {
            return failure(.tls, error)
        }
        do {
            greeting = try await ask(try url("/v2/"), isAuthorized: false)
        } catch let error as OutgoingError where error.code == .tls {
            return lookAtCertificates(shown, error, endpoint)
        } catch {
            return failure(.tls, error)
        }
        let chain = (try? CertificateFacts.read(shown.chain)) ?? []
        guard let own = chain.first else { return Finding(.tls, .good, "TLS \(shown.version).") }
        let days = own.daysLeft(at: configuration.now())
        let seen = "TLS \(shown.version); the certificate is from \(own.issuer) and good for \(days) days."
        if tls.verification != .full {
            return Finding(.tls, .warning, "\(seen) It was not looked at, because --insecure says so.")
        }
        guard days < 7 else { return Finding(.tls, .good, seen) }
        return warning(.tls, "certificate-expired", seen)
    }

    private func makeClient() throws -> OutgoingClient {
        var settings = OutgoingClient.Configuration()
        settings.tls = tls
        settings.proxies = try ProxySelection(environment: configuration.machine.environment)
        settings.limits.connectTimeout = configuration.connectTimeout
        settings.limits.firstByteTimeout = configuration.answerTimeout
        settings.limits.stallTimeout = configuration.answerTimeout
        return try OutgoingClient(settings)
    }

    /// HTTP without TLS was asked for.
    private mutating func lookAtPlain(_ endpoint: RegistryHost) async -> Finding {
        var complaint: (any Error)?
        do {
            greeting = try await ask(try url("/v2/"), isAuthorized: false)
        } catch {
            complaint = error
        }
        let isRefused = greeting.map { $0.status == 400 } ?? true
        if isRefused, await speaksTLS(endpoint) {
            return failure(.tls, "tls-expected", "\(endpoint) speaks TLS on that port, and was asked without.")
        }
        if let complaint { return failure(.tls, complaint) }
        return Finding(
            .tls,
            .warning,
            "HTTP without TLS, as it was asked for: anybody on the way may read and change all."
        )
    }

    private func speaksTLS(_ endpoint: RegistryHost) async -> Bool {
        guard let address else { return false }
        let probe = ServerProbe(timeout: configuration.connectTimeout)
        return (try? await probe.greet(secure(endpoint), at: address, through: nil, tls: tls)) != nil
    }

    /// Tries HTTP without TLS where no TLS came about.
    private mutating func lookAtFailedHandshake(_ error: OutgoingError, _ endpoint: RegistryHost) async -> Finding {
        if error.code == .tls, "\(error.underlying ?? error)".contains("ROTOCOL_VERSION") {
            return failure(.tls, "tls-failed", error.message)
        }
        if error.message.contains("client's certificate") {
            return failure(.tls, "client-certificate", error.message)
        }
        let secureTarget = target
        target = plain(endpoint)
        if [.tls, .connectionLost, .timedOut].contains(error.code),
            let answer = try? await ask(try url("/v2/"), isAuthorized: false), answer.status != 400
        {
            greeting = answer
            if endpoint.isLoopback {
                return Finding(.tls, .good, "HTTP without TLS, which tools speak to this machine itself.")
            }
            let seen = "\(endpoint) speaks HTTP without TLS on that port."
            return isKnownInsecure
                ? Finding(.tls, .warning, "\(seen) A setting of this machine allows it.")
                : failure(.tls, "plain-http", seen)
        }
        target = secureTarget
        return failure(.tls, error)
    }

    /// TLS is spoken, and what the server showed is not believed.
    private func lookAtCertificates(_ shown: TLSGreeting, _ error: OutgoingError, _ endpoint: RegistryHost) -> Finding {
        let chain = (try? CertificateFacts.read(shown.chain)) ?? []
        let now = configuration.now()
        guard let own = chain.first, let last = chain.last else { return failure(.tls, error) }
        let names = own.names.isEmpty ? "no name at all" : own.names.prefix(10).joined(separator: ", ")
        if let late = chain.first(where: { $0.until < now }) {
            let seen = "The certificate of \(late.subject) has ended on \(CertificateFacts.text(late.until))."
            return failure(.tls, "certificate-expired", seen)
        }
        if let early = chain.first(where: { $0.from > now }) {
            let seen =
                "The certificate of \(early.subject) begins on \(CertificateFacts.text(early.from)), and here it is "
                + "\(CertificateFacts.text(now))."
            return failure(.tls, "certificate-not-yet-valid", seen)
        }
        guard shown.isForHost else {
            return failure(.tls, "wrong-name", "The certificate is for \(names), and not for \(endpoint.name).")
        }
        if error.message.contains("client's certificate") {
            return failure(.tls, "client-certificate", error.message)
        }
        if last.subject == last.issuer {
            let kind = chain.count == 1 ? "It has signed its certificate itself" : "Its authority is \(last.subject)"
            let seen = "\(endpoint): \(kind), with the fingerprint \(last.fingerprint), which nobody here knows."
            return failure(.tls, "unknown-authority", seen)
        }
        let seen =
            "\(endpoint): the certificate is signed by \(last.issuer), which nobody here knows and the server did not "
            + "send."
        return failure(.tls, "unknown-authority", seen)
    }
}
