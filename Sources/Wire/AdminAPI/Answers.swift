import AdminModel
import Administration
import Foundation
import HTTPServing
import Identity
import Limits
import Logging
import NIOCore
import NIOHTTP1

/// Answers of the API: the one place where a problem becomes a status.
enum Answers {
    static func reply(_ reply: Reply, _ request: ServerRequest, prefix: String) -> ServerResponse {
        var headers: HTTPHeaders = ["Cache-Control": "no-store"]
        if let version = reply.version { headers.add(name: "ETag", value: EntityTag.text(version)) }
        if let location = reply.location {
            headers.add(name: "Location", value: prefix + AdminResponder.root + location)
        }
        if reply.status == .noContent { return ServerResponse(.noContent, headers: headers) }
        if request.method == .GET || request.method == .HEAD, let version = reply.version,
            isKnown(version, to: request)
        {
            return ServerResponse(.notModified, headers: headers)
        }
        headers.add(name: "Content-Type", value: reply.type)
        return ServerResponse(reply.status, headers: headers, body: .bytes(ByteBuffer(bytes: reply.body)))
    }

    /// Whether the client has the version already (RFC 9110 section 13.1.2).
    private static func isKnown(_ version: String, to request: ServerRequest) -> Bool {
        request.headers[canonicalForm: "if-none-match"].contains { text in
            text == "*" || String(text) == EntityTag.text(version) || String(text) == "W/" + EntityTag.text(version)
        }
    }

    static func text(_ text: String, _ request: ServerRequest) -> ServerResponse {
        ServerResponse(
            .ok,
            headers: ["Content-Type": "application/json", "Cache-Control": "no-cache"],
            body: .bytes(ByteBuffer(string: text))
        )
    }

    /// Who may not is told so, and nothing of what there is but what the refusal says; nobody is asked to say who they
    /// are.
    static func refusal(_ refusal: Refused, _ login: Login, _ request: ServerRequest) -> ServerResponse {
        if let problem = refusal.problem { return Self.problem(problem, request) }
        if refusal.isAnonymous { return problem(Problem(.unauthenticated, "log in to \(refusal.what)"), request) }
        return problem(Problem(.denied, "\(login.principal) may not \(refusal.what)"), request)
    }

    static func failure(_ error: any Error, _ request: ServerRequest, _ log: Logger) -> ServerResponse {
        switch error {
        case let error as Problem:
            return problem(error, request)
        case let error as LimitRefusal:
            var answer = problem(Problem(.tooMany, "too many requests: try again in \(error.retryAfter) s"), request)
            answer.headers.replaceOrAdd(name: "Retry-After", value: String(error.retryAfter))
            return answer
        case is TooManyLogins:
            return problem(Problem(.tooMany, "too many logins at once: try again"), request)
        case is RequestBody.Failure:
            return problem(Problem(.invalid, "the body did not come whole"), request)
        default:
            log.error(
                "a request of the management failed",
                metadata: ["request": .stringConvertible(request.id), "error": .string("\(error)")]
            )
            return problem(Problem(.failed, "something went wrong in the registry: the log says what"), request)
        }
    }

    static func problem(_ problem: Problem, _ request: ServerRequest) -> ServerResponse {
        let body = ProblemBody(error: problem, request: request.id.description)
        var headers: HTTPHeaders = [
            "Content-Type": "application/json", "Cache-Control": "no-store",
            "X-Request-Id": request.id.description,
        ]
        let status = statuses[problem.code] ?? .badRequest
        if status == .unauthorized { headers.add(name: "WWW-Authenticate", value: "Basic realm=\"wharf\"") }
        if status == .tooManyRequests { headers.add(name: "Retry-After", value: "1") }
        let bytes = (try? Reply.encoded(body)) ?? []
        return ServerResponse(status, headers: headers, body: .bytes(ByteBuffer(bytes: bytes)))
    }

    /// What each problem is in HTTP.
    static let statuses: [Problem.Code: HTTPResponseStatus] = [
        .invalid: .badRequest,
        .unauthenticated: .unauthorized,
        .denied: .forbidden,
        .notFound: .notFound,
        .methodNotAllowed: .methodNotAllowed,
        .conflict: .conflict,
        .changed: .preconditionFailed,
        .unprocessable: .unprocessableEntity,
        .keyReused: .unprocessableEntity,
        .tooLarge: .payloadTooLarge,
        .unsupportedMediaType: .unsupportedMediaType,
        .tooMany: .tooManyRequests,
        .unavailable: .serviceUnavailable,
        .failed: .internalServerError,
    ]
}
