import Access
import DistributionGrammar
import HTTPServing
import Identity
import Limits
import Logging
import NIOCore
import NIOHTTP1
import OCI
import RegistryContract

/// `/v2`: reads a request, calls the registry that the caller may use, and writes the answer.
///
/// Only here a refusal becomes a status. The files beside this one answer by noun: manifests, blobs, uploads, lists.
public struct DistributionResponder: HTTPResponder {
    /// The sizes that the API itself bounds.
    public struct Options: Sendable {
        /// The largest manifest that is read from the wire, in bytes.
        public var manifestByteCountMax: Int
        /// How long a page is when the client does not say.
        public var pageCountDefault: Int
        /// How long a page is at most.
        public var pageCountMax: Int
        /// What stands before `/v2` in the paths that clients use.
        public var prefix: PathPrefix
        /// What callers are held to.
        public var limits = TrafficLimits()

        /// States the bounds.
        public init(
            manifestByteCountMax: Int = Manifest.byteCountMax,
            pageCountDefault: Int = 1000,
            pageCountMax: Int = 10_000,
            prefix: PathPrefix = .none
        ) {
            self.manifestByteCountMax = manifestByteCountMax
            self.pageCountDefault = pageCountDefault
            self.pageCountMax = pageCountMax
            self.prefix = prefix
        }
    }

    private let entrance: Entrance
    let options: Options
    let log: Logger
    private let manifestRoom = ManifestRoom()

    /// Serves what `registries` gives for each caller, to everybody.
    public init(registries: any RegistryProvider, options: Options = Options(), log: Logger) {
        entrance = .open(registries)
        self.options = options
        self.log = log
    }

    /// Serves those whom `access` lets in what it gives them.
    public init(access: AccessControl, options: Options = Options(), log: Logger) {
        entrance = .controlled(access)
        self.options = options
        self.log = log
    }

    /// The answer to a request.
    public func respond(to request: ServerRequest) async -> ServerResponse {
        var visit = Visit(options.limits, from: request.clientAddress)
        let answer = await answer(to: request, &visit)
        return visit.end(with: answer, to: request)
    }

    // What a request needs while it waits is memory of its task, which is taken anew for each: the ways that it may
    // take are functions of their own, so that it holds what one of them needs, and not what all do.

    private func answer(to request: ServerRequest, _ visit: inout Visit) async -> ServerResponse {
        do {
            let read = try read(request, &visit)
            switch entrance {
            case .open(let registries):
                return try await answer(to: request, read, from: registries)
            case .controlled(let access):
                return await answer(to: request, read, under: access, &visit)
            }
        } catch {
            return refuse(request, error)
        }
    }

    @inline(never)
    private func read(_ request: ServerRequest, _ visit: inout Visit) throws -> DistributionRequest {
        try visit.arrive(request)
        let target = options.prefix.strip(request.target)
        let read = try DistributionRequest(method: request.method.rawValue, target: target)
        if case .open = entrance { try visit.admit(.anonymous, to: read) }
        return read
    }

    @inline(never)
    private func refuse(_ request: ServerRequest, _ error: any Error) -> ServerResponse {
        ErrorAnswer(request: request, options: options, log: log).answer(to: error)
    }

    @inline(never)
    private func answer(
        to request: ServerRequest,
        _ read: DistributionRequest,
        from registries: any RegistryProvider
    ) async throws -> ServerResponse {
        let registry = registries.registry(for: caller(Caller.anonymousID, request))
        return try await call(request, registry).answer(to: read)
    }

    @inline(never)
    private func answer(
        to request: ServerRequest,
        _ read: DistributionRequest,
        under access: AccessControl,
        _ visit: inout Visit
    ) async -> ServerResponse {
        var login = Login.anonymous
        do {
            login = try await access.login(request, for: read, under: options.limits)
            access.note(login, request)
            let principal = login.principal
            try visit.admit(principal, to: read) { access.mayRead(principal, $0) }
            let caller = caller(login.principal.description, request)
            var answer = try await call(request, access.registry(login, caller)).answer(to: read)
            if let warning = access.warning(to: login) { answer.headers.add(name: "Warning", value: warning) }
            return answer
        } catch {
            return refuse(request, read, visit.refusal(insteadOf: error), login, under: access)
        }
    }

    @inline(never)
    private func refuse(
        _ request: ServerRequest,
        _ read: DistributionRequest,
        _ error: any Error,
        _ login: Login,
        under access: AccessControl
    ) -> ServerResponse {
        let answer = ErrorAnswer(request: request, options: options, log: log)
        access.note(error, login, request, read)
        guard let refusal = access.refusal(for: error, login, read) else { return answer.answer(to: error) }
        return answer.answer(to: refusal, Challenge(service: access.tokens.service, prefix: options.prefix))
    }

    private func caller(_ id: String, _ request: ServerRequest) -> Caller {
        Caller(id: id, address: request.clientAddress, requestID: request.id.description)
    }

    private func call(_ request: ServerRequest, _ registry: any Registry) -> Call {
        Call(request: request, registry: registry, options: options, manifestRoom: manifestRoom, log: log)
    }

    /// Who gets which registry.
    private enum Entrance: Sendable {
        /// Everybody, whoever they are.
        case open(any RegistryProvider)
        case controlled(AccessControl)
    }
}

/// One request on its way to an answer.
struct Call {
    let request: ServerRequest
    let registry: any Registry
    let options: DistributionResponder.Options
    let manifestRoom: ManifestRoom
    let log: Logger

    func answer(to read: DistributionRequest) async throws -> ServerResponse {
        switch read {
        case .version:
            return Self.version
        case .manifest(let reference, let repository, let headOnly):
            return try await manifest(reference, in: repository, headOnly: headOnly)
        case .blob(let digest, let repository, let headOnly):
            return try await blob(digest, in: repository, headOnly: headOnly)
        case .putManifest(let reference, let repository, let tags):
            return try await putManifest(reference, in: repository, tags: tags)
        case .startUpload(let repository, let start):
            return try await startUpload(in: repository, start)
        case .patchUpload(let id, let repository):
            return try await patchUpload(id, in: repository)
        case .putUpload(let id, let repository, let digest):
            return try await putUpload(id, in: repository, digest)
        case .uploadStatus(let id, let repository):
            return uploadAnswer(.noContent, try await registry.upload(id, in: repository), in: repository)
        case .cancelUpload(let id, let repository):
            try await registry.cancelUpload(id, in: repository)
            return ServerResponse(.noContent)
        case .tags(let repository, let query):
            return try await tags(in: repository, query)
        case .referrers(let subject, let repository, let artifactType, let query):
            return try await referrers(to: subject, in: repository, artifactType: artifactType, query)
        case .catalog(let query):
            return try await catalog(query)
        case .tagHistory(let tag, let repository, let query):
            return try await tagHistory(of: tag, in: repository, query)
        case .deleteManifest(.tag(let tag), let repository):
            try await registry.deleteTag(tag, if: try EntityTags.condition(request.headers), in: repository)
            return ServerResponse(.accepted)
        case .deleteManifest(.digest(let digest), let repository):
            try EntityTags.demand(request.headers, digest)
            try await registry.deleteManifest(digest, in: repository)
            return ServerResponse(.accepted)
        case .deleteBlob(let digest, let repository):
            try EntityTags.demand(request.headers, digest)
            try await registry.deleteBlob(digest, in: repository)
            return ServerResponse(.accepted)
        }
    }

    /// end-1.
    ///
    /// Docker asks for the header, others for any 200.
    private static let version = ServerResponse(
        .ok,
        headers: ["Docker-Distribution-API-Version": "registry/2.0", "Content-Type": "application/json"],
        body: .bytes(ByteBuffer(string: "{}"))
    )

    /// A path of this registry as the client has to ask for it: without scheme and host.
    func location(_ path: String) -> String {
        options.prefix.outside(request.headers, target: request.target) + path
    }
}
