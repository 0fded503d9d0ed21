import ContainerTools
import Foundation
import NetworkAddress
import OCI
import Outgoing
import RegistryClient

/// What is known so far of one image and the way to it.
struct Examination {
    let text: String
    let configuration: Diagnosis.Configuration
    var subject: FaultSubject
    /// The reference, once it is read.
    var image: ImageReference?
    /// The login that this machine has for it.
    var login: StoredLogin?
    /// Where that is kept, or who gave it.
    var loginPlace: String?
    /// Whether a setting of a tool lets the registry be insecure.
    var isKnownInsecure = false
    /// Whom to believe, with what the files of the tools name.
    var tls: OutgoingTLS
    /// The proxy on the way.
    var proxy: OutgoingProxy?
    /// What is dialled: the registry or the proxy.
    var addresses: [IPAddress] = []
    /// The address that took the connection.
    var address: IPAddress?
    /// The registry, once it is known whether it speaks TLS.
    var target: OutgoingTarget?
    var client: OutgoingClient?
    /// What `/v2/` answers.
    var greeting: Answer?
    /// What it wants to know.
    var challenge: AuthenticationChallenge?
    /// What goes along with requests.
    var authorization: String?
    /// The manifest of the image itself, where there is one.
    var manifest: Manifest?
    /// The answer that said what is left of the pulls.
    var pulled: Answer?

    init(text: String, _ configuration: Diagnosis.Configuration) {
        self.text = text
        self.configuration = configuration
        subject = FaultSubject(root: configuration.machine.root, home: configuration.machine.home)
        subject.platform = configuration.platform.description
        tls = configuration.tls
    }

    /// What a step comes to.
    mutating func look(at step: DiagnosisStep) async -> Finding {
        switch step {
        case .name: lookAtName()
        case .files: await lookAtFiles()
        case .dns: await lookAtNames()
        case .tcp: await lookAtConnection()
        case .proxy: await lookAtProxy()
        case .tls: await lookAtTLS()
        case .clock: lookAtClock()
        case .api: lookAtGreeting()
        case .challenge: lookAtChallenge()
        case .token: await lookAtToken()
        case .manifest: await lookAtManifest()
        case .blob: await lookAtBlob()
        case .rateLimit: lookAtRateLimit()
        case .disk: lookAtDisk()
        }
    }

    /// Ends all connections.
    func end() async {
        await client?.shutDown()
    }

    /// A finding with a row of the table, its mends filled in.
    func failure(_ step: DiagnosisStep, _ code: String, _ seen: String) -> Finding {
        let fault = FaultTable.row(code)
        return Finding(step, .failure, seen, fault: fault, mends: fault.mends(subject))
    }

    /// The same for what works all the same.
    func warning(_ step: DiagnosisStep, _ code: String, _ seen: String) -> Finding {
        var finding = failure(step, code, seen)
        finding.state = .warning
        return finding
    }

    /// The host that the API is at.
    var endpoint: RegistryHost? {
        image.map { $0.registry == .dockerHub ? .dockerHubEndpoint : $0.registry }
    }
}

/// An answer, as much of it as a step needs.
struct Answer: Sendable {
    /// No answer is read further than a manifest may be long.
    static let byteCountMax = Manifest.byteCountMax

    var status: Int
    var headers: HeaderFields
    var url: OutgoingURL
    /// The body; empty where it is longer than that.
    var bytes: [UInt8] = []

    /// Whether it is a page for people.
    var isPage: Bool {
        let type = headers["Content-Type"]?.lowercased() ?? ""
        return type.hasPrefix("text/html") || bytes.first { $0 > 0x20 } == UInt8(ascii: "<")
    }
}

extension Examination {
    /// Asks; of the body no more than a manifest's length is read.
    ///
    /// - Throws: `OutgoingError`.
    func ask(
        _ url: OutgoingURL,
        _ headers: HeaderFields = [:],
        method: OutgoingMethod = .get,
        body: OutgoingBody = .none,
        isAuthorized: Bool = true,
        readsBody: Bool = true
    ) async throws -> Answer {
        guard let client else { throw OutgoingError(.clientClosed, "There is no client yet.") }
        var headers = headers
        headers["User-Agent"] = configuration.userAgent
        if isAuthorized, let authorization { headers["Authorization"] = authorization }
        let response = try await client.send(OutgoingRequest(method, url, headers: headers, body: body))
        var answer = Answer(status: response.status, headers: response.headers, url: response.url)
        guard readsBody else { return answer }
        do {
            answer.bytes = try await response.body.collect(upTo: Answer.byteCountMax)
        } catch let error as OutgoingError where error.code == .bodyTooLarge {
            // Longer than anything that is looked at here: what its header says is enough.
        }
        return answer
    }

    /// A URL of the registry.
    func url(_ path: String) throws -> OutgoingURL {
        guard let target else { throw OutgoingError(.requestInvalid, "The registry is not known yet.") }
        return try OutgoingURL(target, path: path)
    }

    /// The row of the table that an error of the way is.
    func code(of error: OutgoingError) -> String {
        switch error.code {
        case .nameNotFound: proxy == nil ? "no-such-host" : "proxy-unreachable"
        case .refused: proxy == nil ? "refused" : "proxy-unreachable"
        case .unreachable: proxy == nil ? "no-route" : "proxy-unreachable"
        case .timedOut: error.isBeforeSending ? "timeout" : "no-answer"
        case .proxy: "proxy-refuses"
        case .tls: "tls-failed"
        case .connectionLost: "connection-cut"
        case .protocolViolation: "not-a-registry"
        default: "server-error"
        }
    }

    /// A finding for whatever was thrown while something was asked.
    func failure(_ step: DiagnosisStep, _ error: any Error) -> Finding {
        guard let error = error as? OutgoingError else { return failure(step, "server-error", "\(error)") }
        return failure(step, code(of: error), error.message)
    }
}
