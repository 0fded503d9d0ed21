import Foundation
import NetworkAddress
import Outgoing

/// A client for the services that a machine or a container has beside it: no proxy, and no long wait for nobody.
struct MetadataClient: Sendable {
    /// How long it may take to connect, and then to answer.
    var timeout = Duration.seconds(1)
    let pause: @Sendable (Duration) async throws -> Void

    func run<Value: Sendable>(_ body: (ServiceCalls) async throws -> Value) async throws -> Value {
        var configuration = OutgoingClient.Configuration()
        configuration.limits.connectTimeout = timeout
        configuration.limits.firstByteTimeout = timeout
        configuration.limits.stallTimeout = timeout
        return try await OutgoingClient.withClient(configuration) { transport in
            try await body(ServiceCalls(transport: transport, pause: pause))
        }
    }
}

/// The service that gives a container the credentials of its task or pod.
struct ContainerPlace: CredentialPlace {
    let environment: AWSEnvironment
    let client: MetadataClient

    /// The service of ECS, and those of EKS; besides them, plain HTTP is spoken with this machine alone.
    private static let knownHosts: Set<String> = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"]
    private static let relativeBase = "http://169.254.170.2"
    private static let (relative, full) = (
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"
    )

    func look() async throws -> CredentialFinding {
        guard let url = try url() else {
            return .absent("a container (neither \(Self.relative) nor \(Self.full) is set)")
        }
        var request = OutgoingRequest(.get, url, headers: ["Accept": "application/json", "User-Agent": "wharf"])
        if let token = try token() { request.headers["Authorization"] = token }
        let source = "the container's service at \(url.target)"
        let answer: ServiceAnswer
        do {
            answer = try await client.run { calls in try await calls.answer { request } }
        } catch let error as OutgoingError where error.code != .cancelled {
            throw AWSError(.unavailable, "\(source) gives no credentials: \(error.message)", underlying: error)
        }
        guard answer.isSuccess else {
            throw AWSError(
                [401, 403].contains(answer.status) ? .denied : .unavailable,
                "\(source) gives no credentials: it answers \(answer.status). Look at the role of the task or pod."
            )
        }
        return .found(try LentCredentials.json(answer.body, from: source))
    }

    private func url() throws(AWSError) -> OutgoingURL? {
        if let path = environment[Self.relative] {
            guard path.hasPrefix("/"), let url = try? OutgoingURL(Self.relativeBase + path) else {
                throw AWSError(.settingsInvalid, "\(Self.relative) is no path that begins with /.")
            }
            return url
        }
        guard let url = try environment.url(in: Self.full) else { return nil }
        guard Self.isAllowed(url.target) else {
            throw AWSError(
                .settingsInvalid,
                "\(Self.full) names \(url.target): without https, credentials are taken from this machine alone and "
                    + "from the services of ECS and EKS."
            )
        }
        return url
    }

    private static func isAllowed(_ target: OutgoingTarget) -> Bool {
        guard !target.isSecure, let host = target.host else { return target.isSecure }
        guard let address = IPAddress(host) else { return host == "localhost" }
        let own = ["127.0.0.0/8", "::1/128"].compactMap { AddressBlock($0) }
        return own.contains { $0.contains(address) } || knownHosts.contains { IPAddress($0) == address }
    }

    private func token() throws(AWSError) -> String? {
        let (file, plain) = ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN")
        // Plain text may have a scheme and a space in it.
        if let path = environment[file] {
            guard let text = try CredentialFile.text(path)?.trimmingCharacters(in: .whitespacesAndNewlines) else {
                throw AWSError(.settingsInvalid, "\(file) names \(path), which is not there.")
            }
            return try Self.checked(text, file)
        }
        return try environment[plain].map { (text) throws(AWSError) in try Self.checked(text, plain) }
    }

    private static func checked(_ token: String, _ name: String) throws(AWSError) -> String {
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw AWSError(.settingsInvalid, "The token that \(name) names or is cannot stand in a header field.")
        }
        return token
    }
}

/// The service that gives a machine in EC2 the credentials of its role (IMDSv2).
struct InstancePlace: CredentialPlace {
    let environment: AWSEnvironment
    let client: MetadataClient

    /// How long the token for the service holds, in seconds: it is used for a moment.
    private static let tokenLifetime = 60
    private static let roles = "/latest/meta-data/iam/security-credentials/"

    func look() async throws -> CredentialFinding {
        guard !environment.isTrue("AWS_EC2_METADATA_DISABLED") else {
            return .absent("the role of an EC2 instance (AWS_EC2_METADATA_DISABLED is true)")
        }
        let base = try base()
        let place = "the role of an EC2 instance"
        do {
            return try await client.run { calls in
                let put = OutgoingRequest(
                    .put,
                    try base.appending("/latest/api/token"),
                    headers: ["X-aws-ec2-metadata-token-ttl-seconds": "\(Self.tokenLifetime)", "User-Agent": "wharf"]
                )
                let token: ServiceAnswer
                do {
                    token = try await calls.send(put)
                } catch let error as OutgoingError where error.code != .cancelled {
                    return .absent("\(place) (nobody answers at \(base.target))")
                }
                guard token.isSuccess else {
                    return .absent("\(place) (\(base.target) gives no token for IMDSv2: \(token.status))")
                }
                return try await credentials(calls, base, token.text, place)
            }
        } catch let error as OutgoingError where error.code != .cancelled {
            throw AWSError(.unavailable, "\(base.target) gives no credentials: \(error.message)", underlying: error)
        }
    }

    private func credentials(
        _ calls: ServiceCalls,
        _ base: OutgoingURL,
        _ token: String,
        _ place: String
    ) async throws -> CredentialFinding {
        func get(_ path: String) async throws -> ServiceAnswer {
            let fields: HeaderFields = ["X-aws-ec2-metadata-token": token, "User-Agent": "wharf"]
            let request = OutgoingRequest(.get, try base.appending(path), headers: fields)
            return try await calls.answer { request }
        }
        let list = try await get(Self.roles)
        let role = list.text.split(whereSeparator: \.isNewline).first.map { String($0) } ?? ""
        guard list.status != 404, !(list.isSuccess && role.isEmpty) else {
            return .absent("\(place) (the instance has none)")
        }
        let answer = list.isSuccess ? try await get(Self.roles + Escaping.escaped(role)) : list
        guard answer.isSuccess else {
            throw AWSError(.unavailable, "\(base.target) gives no credentials: it answers \(answer.status).")
        }
        return .found(try LentCredentials.json(answer.body, from: "the role \(role.prefix(64)) of the EC2 instance"))
    }

    private func base() throws(AWSError) -> OutgoingURL {
        if let url = try environment.url(in: "AWS_EC2_METADATA_SERVICE_ENDPOINT") { return url }
        let isIPv6 = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"]?.lowercased() == "ipv6"
        do {
            return try OutgoingURL(isIPv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254")
        } catch {
            throw AWSError(.settingsInvalid, "\(error)", underlying: error)
        }
    }
}

extension OutgoingURL {
    /// A path of the server, below the path that is here.
    fileprivate func appending(_ path: String) throws -> OutgoingURL {
        var above = pathAndQuery.prefix { $0 != "?" }
        while above.last == "/" { above.removeLast() }
        return try OutgoingURL(target, path: above + path)
    }
}
