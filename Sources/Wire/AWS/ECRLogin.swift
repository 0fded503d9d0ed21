import Documents
import Foundation
public import OCI
import Outgoing
public import RegistryClient
import Synchronization

/// The way into Amazon's registries: a password for credentials of AWS, asked for anew before it ends.
///
/// It knows `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, its forms for FIPS, for IPv6 and for other partitions, and
/// `public.ecr.aws`; of every other registry it knows nothing. One password opens all registries of a region that the
/// credentials may enter, whichever account they belong to.
public final class ECRLogin: CredentialSource {
    private let chain: CredentialChain
    private let calls: ServiceCalls
    private let now: @Sendable () -> Date
    /// A password for each service that one was asked from.
    private let passwords = Mutex<[String: Renewed<OutgoingCredentials>]>([:])

    /// How many services are remembered; there are fewer regions.
    private static let servicesMax = 256

    /// Asks nobody yet.
    public init(_ configuration: CredentialChain.Configuration) {
        chain = CredentialChain(configuration)
        calls = ServiceCalls(transport: configuration.client, pause: configuration.pause)
        now = configuration.now
    }

    /// Whether a registry is one of Amazon's.
    public static func isFor(_ host: RegistryHost) -> Bool { ECRAddress(host) != nil }

    /// A password for a registry of Amazon's; nil for every other.
    ///
    /// Everybody may read `public.ecr.aws`: without credentials, or with some that may not ask for a password there,
    /// there is none, and the registry is entered by nobody in particular.
    ///
    /// - Throws: ``AWSError``.
    public func credential(for host: RegistryHost, repository: RepositoryName?) async throws -> RegistryCredential? {
        guard let address = ECRAddress(host) else { return nil }
        do {
            return .password(try await password(for: address).value())
        } catch let error as AWSError
            where address.service == .gallery && [.noCredentials, .denied].contains(error.code)
        {
            return nil
        }
    }

    private func password(for address: ECRAddress) -> Renewed<OutgoingCredentials> {
        passwords.withLock { passwords in
            if let known = passwords[address.api] { return known }
            if passwords.count >= Self.servicesMax { passwords = [:] }
            let made = Renewed(now: now) { [chain, calls, now] in
                try await Self.fetch(address, chain, calls, now)
            }
            passwords[address.api] = made
            return made
        }
    }

    // MARK: - GetAuthorizationToken

    private static func fetch(
        _ address: ECRAddress,
        _ chain: CredentialChain,
        _ calls: ServiceCalls,
        _ now: @Sendable () -> Date
    ) async throws -> Renewed<OutgoingCredentials>.Fetched {
        let credentials = try await chain.credentials()
        let url = try url(of: address, chain.environment)
        let body = Array("{}".utf8)
        let fields: HeaderFields = [
            "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": address.service.operation,
            "User-Agent": "wharf",
        ]
        let answer: ServiceAnswer
        do {
            answer = try await calls.answer {
                Signature(
                    credentials: credentials,
                    region: address.region.description,
                    service: address.service.signingName,
                    date: now()
                ).signed(OutgoingRequest(.post, url, headers: fields, body: .bytes(body)), payload: .of(body))
            }
        } catch let error as OutgoingError where error.code != .cancelled {
            throw AWSError(error, region: address.region)
        }
        guard answer.isSuccess else {
            throw AWSError(
                answer,
                action: "\(address.service.signingName):GetAuthorizationToken",
                place: url.target,
                source: credentials.source
            )
        }
        return try password(in: answer, url)
    }

    private static func url(of address: ECRAddress, _ environment: AWSEnvironment) throws(AWSError) -> OutgoingURL {
        if let url = try environment.endpoint(of: address.service.endpointName) { return url }
        do {
            return try OutgoingURL("https://\(address.api)/")
        } catch {
            throw AWSError(.regionUnknown, "There is no service at \(address.api): \(error).", underlying: error)
        }
    }

    /// The password in an answer: `USER:PASSWORD` in Base64, and when it ends in seconds since 1970.
    private static func password(
        in answer: ServiceAnswer,
        _ url: OutgoingURL
    ) throws(AWSError) -> Renewed<OutgoingCredentials>.Fetched {
        var data = (try? JSONValue(json: answer.body))?["authorizationData"]
        // A list for the registries of accounts, and the thing itself for the gallery.
        if case .array(let items) = data { data = items.first }
        guard let token = data?["authorizationToken"]?.text, let bytes = Data(base64Encoded: token),
            let pair = String(validating: bytes, as: UTF8.self), let colon = pair.firstIndex(of: ":")
        else {
            throw AWSError(.notUnderstood, "What \(url.target) answers has no password for the registry in it.")
        }
        var expiry: Date?
        if case .number(let digits) = data?["expiresAt"], let seconds = Double(digits) {
            expiry = Date(timeIntervalSince1970: seconds)
        }
        let password = OutgoingCredentials(
            user: String(pair[..<colon]),
            password: String(pair[pair.index(after: colon)...])
        )
        return .init(value: password, expiry: expiry)
    }
}
