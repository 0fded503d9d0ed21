import Access
import DistributionGrammar
import HTTPServing
import Identity
import Limits
import NIOHTTP1
import OCI
import RegistryContract

/// Who may come in, and which registry they get.
public struct AccessControl: Sendable {
    let authenticator: Authenticator
    let tokens: TokenService
    let registry: @Sendable (Login, Caller) -> any Registry
    let witness: @Sendable (AccessEvent) -> Void
    /// Whether somebody may know of a repository, for what is counted for repositories; everybody unless it is said.
    public var mayRead: @Sendable (Principal, RepositoryName) -> Bool = { _, _ in true }
    /// How long before its end a credential's bearer is told of that.
    public var warningTime = Duration.zero

    /// - Parameters:
    ///   - authenticator: finds out who calls.
    ///   - witness: is told of logins and refusals; returns at once.
    ///   - registry: makes the registry that somebody who has logged in may use: the only way in which a handler gets
    ///     one.
    public init(
        _ authenticator: Authenticator,
        witness: @escaping @Sendable (AccessEvent) -> Void = { _ in },
        registry: @escaping @Sendable (Login, Caller) -> any Registry
    ) {
        self.authenticator = authenticator
        tokens = TokenService(authenticator)
        self.registry = registry
        self.witness = witness
    }
}

/// What somebody is told who may not: to say who they are, or that it is of no use.
struct Refusal {
    /// The row of the table.
    var row: ErrorRow
    /// A sentence that tells nothing of what there is.
    var message: String
    /// What a token is needed for; nil where no token would help.
    var scopes: [TokenScope]?
    /// Why the token that came does not do (RFC 6750 section 3.1).
    var tokenError: String?
    /// Why, for the log.
    var reason: String
}

extension AccessControl {
    /// Who calls; also nobody may be let in, except to the question whether this is a registry: clients ask that to
    /// learn how to log in.
    func login(
        _ request: ServerRequest,
        for read: DistributionRequest,
        under limits: TrafficLimits
    ) async throws -> Login {
        guard let credentials = try AuthorizationHeader.credentials(in: request.headers) else {
            if read == .version { throw NotAuthenticated(reason: "nobody has said who they are") }
            return .anonymous(from: Origin(address: request.clientAddress))
        }
        return try await limits.login(credentials, from: request.clientAddress) {
            try await authenticator.login(credentials, from: Origin(address: request.clientAddress))
        }
    }

    /// Who calls, for what is not of the registry's own API; nobody where no credentials came.
    public func login(_ request: ServerRequest, under limits: TrafficLimits) async throws -> Login {
        var visit = Visit(limits, from: request.clientAddress)
        try visit.arrive(request)
        guard let credentials = try AuthorizationHeader.credentials(in: request.headers) else {
            try visit.admit(nil, repository: nil)
            return .anonymous(from: request.origin)
        }
        do {
            let login = try await limits.login(credentials, from: request.clientAddress) {
                try await authenticator.login(credentials, from: request.origin)
            }
            note(login, request)
            try visit.admit(login.principal.limitedName, repository: nil)
            return login
        } catch {
            noteFailedLogin(error, as: Self.claimedName(request), request)
            throw visit.refusal(insteadOf: error)
        }
    }

    /// The value of a `Warning` header for somebody whose credential ends soon; nil for all others.
    ///
    /// Of a code that means something else than a stale answer (RFC 7234 section 5.5).
    public func warning(to login: Login) -> String? {
        authenticator.warning(to: login, within: warningTime).map { "299 - \"\($0)\"" }
    }

    /// How somebody is refused; nil for what has nothing to do with access.
    func refusal(for error: any Error, _ login: Login, _ read: DistributionRequest) -> Refusal? {
        switch error {
        case let error as NotAuthenticated:
            return Refusal(
                row: ErrorTable.notAuthenticated,
                message: "authentication is required, or the credentials are wrong: log in",
                scopes: read.neededScopes,
                reason: error.reason
            )
        case let error as AccessRefusal where error.principal.kind == .anonymous:
            return Refusal(
                row: ErrorTable.notAuthenticated,
                message: "authentication is required: log in",
                scopes: read.neededScopes,
                reason: error.decision.description
            )
        case let error as AccessRefusal where error.decision.reason == .beyondLimit && login.isByToken:
            return Refusal(
                row: ErrorTable.notAuthenticated,
                message: "the token is for something else: get one for this",
                scopes: read.neededScopes,
                tokenError: "insufficient_scope",
                reason: error.decision.description
            )
        case let error as AccessRefusal:
            let place = error.repository.map { " on \($0)" } ?? ""
            return Refusal(
                row: ErrorTable.denied,
                message: "\(error.principal.name) may not \(error.action.rawValue)\(place): "
                    + "ask an administrator for a role that may",
                reason: error.decision.description
            )
        case is TooManyLogins:
            return Refusal(
                row: ErrorTable.tooManyLogins,
                message: "too many logins at once: try again in a moment",
                reason: "too many logins at once"
            )
        default:
            return nil
        }
    }
}

extension ServerRequest {
    /// Where it comes from, as logins are told.
    var origin: Origin {
        Origin(address: clientAddress, client: headers.first(name: "user-agent") ?? "")
    }
}
