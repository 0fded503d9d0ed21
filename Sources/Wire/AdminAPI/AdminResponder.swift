import Access
import AdminModel
import Administration
import Foundation
import HTTPServing
import Hashing
import Identity
import Logging
import NIOCore
import NIOHTTP1

/// `/api/v1`: the management in JSON.
///
/// Everything else goes on to the next responder.
public struct AdminResponder: HTTPResponder {
    /// What stands before the paths of all routes.
    public static let root = "/api/v1"

    /// Finds out who calls; throws ``NotAuthenticated`` for credentials that are nobody's.
    public typealias LoginFinder = @Sendable (ServerRequest) async throws -> Login

    private let next: (any HTTPResponder)?
    private let service: ManagementService
    private let login: LoginFinder
    private let strip: @Sendable (String) -> Substring
    private let warn: @Sendable (Login) -> String?
    private let refused: @Sendable (Refused, Login, ServerRequest, Route) -> Void
    private let log: Logger
    private let table = RouteTable(Routes.all)
    private let room = BodyRoom()

    /// Stands before `next`.
    ///
    /// - Parameters:
    ///   - next: who answers everything else; nil for 404.
    ///   - service: manages, for each caller what they may.
    ///   - login: finds out who calls.
    ///   - strip: takes the prefix off a target that a proxy hands on.
    ///   - warn: the value of a `Warning` header for somebody whose credential ends soon.
    ///   - refused: is told of each refusal, for the audit.
    ///   - log: where failed logins and faults are told.
    public init(
        before next: (any HTTPResponder)?,
        service: ManagementService,
        login: @escaping LoginFinder,
        strip: @escaping @Sendable (String) -> Substring = { $0[...] },
        warn: @escaping @Sendable (Login) -> String? = { _ in nil },
        refused: @escaping @Sendable (Refused, Login, ServerRequest, Route) -> Void = { _, _, _, _ in },
        log: Logger
    ) {
        self.next = next
        self.service = service
        self.login = login
        self.strip = strip
        self.warn = warn
        self.refused = refused
        self.log = log
    }

    /// The answer to a request.
    public func respond(to request: ServerRequest) async -> ServerResponse {
        let target = strip(request.target)
        guard Self.leads(target) else {
            guard let next else { return Answers.problem(Problem(.notFound, "there is nothing"), request) }
            return await next.respond(to: request)
        }
        return await manage(request, target)
    }

    /// Not a part of the above: what this needs would be held by each request that only passes through.
    @inline(never)
    private func manage(_ request: ServerRequest, _ target: Substring) async -> ServerResponse {
        // What a proxy has put before all paths stands before those that an answer names.
        let prefix = String(request.target.dropLast(target.count))
        do {
            return try await answer(to: request, RequestTarget(target.dropFirst(Self.root.count)), prefix)
        } catch let error as NotAuthenticated {
            log.info(
                "a login failed",
                metadata: ["request": .stringConvertible(request.id), "reason": .string(error.reason)]
            )
            return Answers.problem(Problem(.unauthenticated, "the credentials are wrong"), request)
        } catch {
            return Answers.failure(error, request, log)
        }
    }

    /// As bytes: nearly all requests are for something else, and are told at their first ones.
    private static func leads(_ target: Substring) -> Bool {
        guard target.utf8.starts(with: root.utf8) else { return false }
        let next = target.utf8.dropFirst(root.utf8.count).first
        return next == nil || next == UInt8(ascii: "/") || next == UInt8(ascii: "?")
    }

    private func answer(
        to request: ServerRequest,
        _ target: RequestTarget,
        _ prefix: String
    ) async throws -> ServerResponse {
        if target.path == Self.descriptionPath {
            guard request.method == .GET || request.method == .HEAD else {
                return notAllowed(["GET", "HEAD"], request)
            }
            let text = prefix.isEmpty ? OpenAPIDocument.text : OpenAPIDocument.text(prefix: prefix)
            return Answers.text(text, request)
        }
        // Who calls is found out first: to a stranger all paths look alike, and no body of theirs is read.
        let login = try await login(request)
        guard login.principal.kind != .anonymous else {
            throw Problem(.unauthenticated, "log in: there is nothing here for who has not")
        }
        try RequestReading.demandOwnOrigin(of: request)
        let method: HTTPMethod = request.method == .HEAD ? .GET : request.method
        switch table.find(method, target.path) {
        case .route(let route, let path):
            let call = (route: route, path: path, prefix: prefix)
            return try await answer(to: request, call, target, login)
        case .methods(let methods):
            return notAllowed(methods, request)
        case .nothing:
            throw Problem(.notFound, "there is no such path: \(Self.root)/openapi.json tells which there are")
        }
    }

    private func answer(
        to request: ServerRequest,
        _ found: (route: Route, path: [String: String], prefix: String),
        _ target: RequestTarget,
        _ login: Login
    ) async throws -> ServerResponse {
        let route = found.route
        do {
            let query = try target.query(for: route)
            let share = room.share()
            defer { withExtendedLifetime(share) {} }
            let body = try await RequestReading.body(of: request, for: route, in: share)
            let call = Call(
                management: service.management(
                    for: login,
                    from: Origin(
                        address: request.clientAddress,
                        client: request.headers.first(name: "user-agent") ?? ""
                    ),
                    request: request.id.description,
                    condition: try RequestReading.condition(of: request, for: route),
                    key: try RequestReading.key(of: request, for: route, body: body)
                ),
                path: found.path,
                query: query,
                body: body
            )
            let reply = try await route.handle(call)
            var answer = Answers.reply(reply, request, prefix: found.prefix)
            if let warning = warn(login) { answer.headers.add(name: "Warning", value: warning) }
            return answer
        } catch let refusal as Refused {
            refused(refusal, login, request, route)
            return Answers.refusal(refusal, login, request)
        }
    }

    private func notAllowed(_ methods: [String], _ request: ServerRequest) -> ServerResponse {
        let list = methods.joined(separator: ", ")
        var answer = Answers.problem(Problem(.methodNotAllowed, "this path takes \(list)"), request)
        answer.headers.add(name: "Allow", value: list)
        return answer
    }

    private static let descriptionPath = ["", "openapi.json"]
}

/// The routes, found by method and path.
struct RouteTable: Sendable {
    enum Found {
        case route(Route, [String: String])
        /// There is the path, with other methods.
        case methods([String])
        case nothing
    }

    private let entries: [(pattern: PathPattern, route: Route)]

    init(_ routes: [Route]) {
        entries = routes.map { (PathPattern($0.path), $0) }
    }

    func find(_ method: HTTPMethod, _ path: [String]) -> Found {
        var methods: [String] = []
        for (pattern, route) in entries {
            guard let values = pattern.match(path) else { continue }
            if route.method == method { return .route(route, values) }
            methods.append(route.method.rawValue)
            if route.method == .GET { methods.append("HEAD") }
        }
        return methods.isEmpty ? .nothing : .methods(methods)
    }
}
