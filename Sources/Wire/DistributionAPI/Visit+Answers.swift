import Access
import DistributionGrammar
import HTTPServing
import Identity
import Limits
import NIOCore
import NIOHTTP1
import OCI

extension Visit {
    /// Counts the request for its address.
    mutating func arrive(_ request: ServerRequest) throws(LimitRefusal) {
        guard isCounted else { return }
        // A form may bring credentials too.
        let hasCredentials = request.headers.contains(name: "authorization") || request.method == .POST
        try arrive(hasCredentials: hasCredentials)
    }

    /// Counts the request for its caller, the repository that it is about, and as a pull.
    ///
    /// - Parameters:
    ///   - principal: who calls.
    ///   - read: what is asked for.
    ///   - mayRead: whether the caller may know of a repository: others are not to use it up nor to learn that it is
    ///     busy, and are to be told to log in, whatever they have pulled elsewhere.
    /// - Throws: how long the caller has to wait.
    mutating func admit(
        _ principal: Principal,
        to read: DistributionRequest,
        mayRead: (RepositoryName) -> Bool = { _ in true }
    ) throws(LimitRefusal) {
        guard isCounted else { return }
        var repository: RepositoryName?
        if countsRepositories || countsPulls, let named = read.repository, mayRead(named) { repository = named }
        try admit(principal.limitedName, repository: countsRepositories ? repository?.description : nil)
        if case .manifest(_, _, let headOnly) = read, repository != nil { try pull(isFree: headOnly) }
    }

    /// An answer with what is left of the pulls, its bytes counted.
    mutating func end(with answer: ServerResponse, to request: ServerRequest) -> ServerResponse {
        isCounted ? endCounted(with: answer, to: request) : answer
    }

    /// Not a part of the above: what this needs would be held for as long as each request takes.
    @inline(never)
    private mutating func endCounted(with answer: ServerResponse, to request: ServerRequest) -> ServerResponse {
        var answer = answer
        if let standing = endPull(wasPulled: answer.status == .ok) {
            // As Docker Hub has it: https://docs.docker.com/docker-hub/usage/pulls/
            let window = ";w=\(standing.windowSeconds)"
            answer.headers.add(name: "ratelimit-limit", value: "\(standing.limit)\(window)")
            answer.headers.add(name: "ratelimit-remaining", value: "\(standing.remaining)\(window)")
            if standing.source.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
                answer.headers.add(name: "docker-ratelimit-source", value: standing.source)
            }
        }
        // Who is told to wait would have to wait longer for having been told.
        return countsBytes && answer.status != .tooManyRequests ? charged(answer, to: request) : answer
    }

    /// Counts the whole answer at once, so that many at the same time do not each begin with nothing owed, and takes
    /// back what did not go out.
    private func charged(_ answer: ServerResponse, to request: ServerRequest) -> ServerResponse {
        let byteCount =
            switch answer.body {
            case _ where request.method == .HEAD: 0
            case .none: 0
            case .bytes(let bytes): bytes.readableBytes
            case .file(let slice): Int(slice.byteCount)
            case .stream(_, let byteCount): Int(byteCount)
            }
        charge(request.body.receivedByteCount + byteCount)
        guard byteCount > 0 else { return answer }
        var answer = answer
        let visit = self
        answer.onEnd = { sent in visit.charge(sent - byteCount) }
        return answer
    }
}

extension Principal {
    /// By which limits know somebody; nil for who has not logged in.
    var limitedName: String? { kind == .anonymous ? nil : description }
}

extension DistributionRequest {
    /// The repository that a request is about.
    var repository: RepositoryName? {
        switch self {
        case .version, .catalog: nil
        case .blob(_, let name, _), .manifest(_, let name, _), .startUpload(let name, _), .patchUpload(_, let name),
            .putUpload(_, let name, _), .uploadStatus(_, let name), .cancelUpload(_, let name),
            .putManifest(_, let name, _), .tags(let name, _), .deleteManifest(_, let name), .deleteBlob(_, let name),
            .referrers(_, let name, _, _), .tagHistory(_, let name, _):
            name
        }
    }
}

extension TrafficLimits {
    /// Who calls, unless too many logins of that name have failed.
    ///
    /// A token of the token service is no guess, and not counted.
    func login(
        _ credentials: Credentials,
        from address: String,
        _ body: () async throws -> Login
    ) async throws -> Login {
        guard case .basic(let name, _) = credentials else { return try await body() }
        return try await login(as: name, from: address, isPassword: credentials.isPassword, body)
    }

    /// Who calls by a refresh token.
    ///
    /// Each is an account of its own: one that has ended, and is sent again and again, must not lock out others behind
    /// the same address. It is named by a number that tells nothing of it.
    func login(
        refreshToken: Secret,
        from address: String,
        _ body: () async throws -> Login
    ) async throws -> Login {
        var hasher = Hasher()
        hasher.combine(refreshToken.bytes)
        let name = "refresh token \(hasher.finalize())"
        return try await login(as: name, from: address, isPassword: false, body)
    }

    private func login(
        as name: String,
        from address: String,
        isPassword: Bool,
        _ body: () async throws -> Login
    ) async throws -> Login {
        let login = try await login(
            as: name,
            from: address,
            isFailure: { $0 is NotAuthenticated },
            isPassword: isPassword,
            // What is remembered was compared before.
            isRemembered: { login in !login.isNew },
            body
        )
        login.letThrough()
        return login
    }
}
