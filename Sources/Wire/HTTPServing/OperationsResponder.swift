import NIOCore
import NIOHTTP1
import Observability

/// What an operator asks: `/livez`, `/readyz`, `/metrics`.
///
/// Everything else goes on to the next responder.
public struct OperationsResponder: HTTPResponder {
    private let next: any HTTPResponder
    private let metrics: MetricSet
    private let readiness: @Sendable () async -> [String]

    /// Stands before `next`.
    ///
    /// - Parameters:
    ///   - next: who answers everything else.
    ///   - metrics: what `/metrics` shows.
    ///   - readiness: what is in the way of serving, as sentences; empty when ready.
    public init(
        before next: any HTTPResponder,
        metrics: MetricSet,
        readiness: @escaping @Sendable () async -> [String]
    ) {
        self.next = next
        self.metrics = metrics
        self.readiness = readiness
    }

    /// The answer to a request.
    public func respond(to request: ServerRequest) async -> ServerResponse {
        guard !request.target.hasPrefix("/v2"), request.method == .GET || request.method == .HEAD else {
            return await next.respond(to: request)
        }
        switch Substring(request.target.utf8.prefix { $0 != UInt8(ascii: "?") }) {
        case "/livez":
            return Self.text(.ok, "ok\n")
        case "/readyz":
            let problems = await readiness()
            guard problems.isEmpty else {
                return Self.text(.serviceUnavailable, problems.joined(separator: "\n") + "\n")
            }
            return Self.text(.ok, "ready\n")
        case "/metrics":
            return Self.text(.ok, metrics.page(), type: "text/plain; version=0.0.4; charset=utf-8")
        case "/":
            return Self.text(.ok, "wharf, a container registry. Its API begins at /v2/.\n")
        default:
            return await next.respond(to: request)
        }
    }

    private static func text(
        _ status: HTTPResponseStatus,
        _ text: String,
        type: String = "text/plain; charset=utf-8"
    ) -> ServerResponse {
        ServerResponse(
            status,
            headers: ["Content-Type": type, "Cache-Control": "no-store"],
            body: .bytes(ByteBuffer(string: text))
        )
    }
}
