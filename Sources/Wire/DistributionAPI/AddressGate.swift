import HTTPServing
import Logging
import NIOHTTP1
import NetworkAddress

/// Lets only some addresses use the server, or all where none are named.
///
/// Others get 403 before anything else is looked at.
///
/// This machine may still ask whether the server lives and is ready.
public struct AddressGate: HTTPResponder {
    private let next: any HTTPResponder
    private let allowed: [AddressBlock]
    private let log: Logger

    /// Stands before `next`.
    public init(before next: any HTTPResponder, allowed: [AddressBlock], log: Logger) {
        self.next = next
        self.allowed = allowed
        self.log = log
    }

    /// The answer to a request.
    public func respond(to request: ServerRequest) async -> ServerResponse {
        guard allowed.isEmpty || allowed.contain(request.clientAddress) || Self.isOwnProbe(request) else {
            return ErrorAnswer(request: request, options: .init(), log: log).answerToStranger()
        }
        return await next.respond(to: request)
    }

    private static func isOwnProbe(_ request: ServerRequest) -> Bool {
        guard request.method == .GET || request.method == .HEAD else { return false }
        let path = Substring(request.target.utf8.prefix { $0 != UInt8(ascii: "?") })
        return (path == "/livez" || path == "/readyz") && AddressBlock.loopback.contain(request.clientAddress)
    }
}
