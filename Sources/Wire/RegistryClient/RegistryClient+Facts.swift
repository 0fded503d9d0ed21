import DistributionGrammar
public import OCI
import Outgoing
import RegistryContract
import Synchronization

/// What a registry says of itself.
public struct RegistryFacts: Sendable, Hashable {
    /// A way to log in that it names.
    public struct Challenge: Sendable, Hashable {
        /// The scheme in lower case: `basic`, `bearer`.
        public var scheme: String
        /// Where tokens are given, or what is logged in to.
        public var realm: String?
        /// What the token service calls the registry.
        public var service: String?
    }

    /// Where it was asked.
    public var url: String
    /// The status for somebody who has not logged in: 200 where anybody may come in, 401 where not.
    public var status: Int
    /// `Docker-Distribution-Api-Version`.
    public var apiVersion: String?
    /// How to log in.
    public var challenges: [Challenge]

    /// Whether it speaks the protocol of registries, as far as can be told.
    public var isRegistry: Bool
}

/// How many pulls are left, as Docker Hub says it.
///
/// Source: https://docs.docker.com/docker-hub/usage/pulls/
public struct RateLimit: Sendable, Hashable {
    /// How many pulls there are in a window.
    public var limit: Int?
    /// How many of them are left.
    public var remaining: Int?
    /// How long the window is.
    public var window: Duration?
    /// For whom they are counted: an address or an account.
    public var source: String?
}

extension RegistryClient {
    /// What a registry is: the answer to `GET /v2/` of somebody who has not logged in.
    public func ping() async throws -> RegistryFacts {
        let target = try await mapped(versionCall) { try await self.target() }
        let response = try await mapped(versionCall) {
            try await self.send(self.versionCall, to: OutgoingURL(target, path: "/v2/"), nil)
        }
        await drain(response)
        let challenges = AuthenticationChallenge.parse(response.headers.values("WWW-Authenticate")).map { challenge in
            RegistryFacts.Challenge(
                scheme: challenge.scheme,
                realm: challenge.parameters["realm"].map(RemoteProblem.printable),
                service: challenge.parameters["service"].map(RemoteProblem.printable)
            )
        }
        let version = response.headers["Docker-Distribution-Api-Version"]
        let isPage = response.headers["Content-Type"]?.lowercased().hasPrefix("text/html") ?? false
        let answersAsOne = response.status == 200 || (response.status == 401 && !challenges.isEmpty)
        return RegistryFacts(
            url: "\(response.url)",
            status: response.status,
            apiVersion: version.map(RemoteProblem.printable),
            challenges: challenges,
            isRegistry: version != nil || (answersAsOne && !isPage)
        )
    }

    /// Asks for `/v2/` with the credentials that are known: whether they let anybody in.
    ///
    /// Errors: `unauthorized` where they do not.
    public func logIn() async throws {
        await drain(try await answer(versionCall, [200]))
    }

    /// What is left of the pulls; nil where the registry counts none or does not say.
    ///
    /// Asked by the `HEAD` of a manifest, which Docker Hub does not count.
    public func rateLimit(in repository: RepositoryName, of reference: Reference) async throws -> RateLimit? {
        var call = manifestCall(reference, repository, headOnly: true)
        call.deed = "say how many pulls are left for"
        let response = try await answer(call, [200])
        await drain(response)
        let limit = Self.count(response.headers["ratelimit-limit"])
        let remaining = Self.count(response.headers["ratelimit-remaining"])
        guard limit != nil || remaining != nil else { return nil }
        return RateLimit(
            limit: limit?.count,
            remaining: remaining?.count,
            window: limit?.window ?? remaining?.window,
            source: response.headers["docker-ratelimit-source"].map(RemoteProblem.printable)
        )
    }

    /// Finds out how the registry is entered, for somebody who has a login: a list that is open to all may hold more
    /// for those who say who they are, and a registry then does not ask.
    func introduce() async throws {
        let step = authority.table.withLock { $0.step(for: AccessScopes([]), at: configuration.time.now()) }
        guard case .nothing = step, try await authority.credential(for: nil) != nil else { return }
        await drain(try await exchange(versionCall))
    }

    private var versionCall: Call {
        Call(.get, .path(DistributionRequest.version.target), scopes: [], "find", "the registry")
    }

    /// `100;w=21600`: a number, and the window in seconds.
    private static func count(_ field: String?) -> (count: Int, window: Duration?)? {
        guard let parts = field?.split(separator: ";"), let count = parts.first.flatMap({ Int($0) }) else { return nil }
        let seconds = parts.dropFirst().compactMap { $0.hasPrefix("w=") ? Int64($0.dropFirst(2)) : nil }.first
        return (count, seconds.map { .seconds($0) })
    }

    /// Has failures of the transport thrown as a caller knows them.
    private func mapped<Value>(_ call: Call, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as OutgoingError {
            throw failure(error, of: call)
        }
    }
}
