public import AdminModel
import Foundation
import Outgoing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Why an operation was not done.
///
/// Equal when the code is: the sentence is for people.
public struct AdminFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong: what the server said, or one of those below.
    public var code: Problem.Code
    /// What is wrong and what to do, as a sentence.
    public var message: String
    /// The field of the request that it is about; not given where it is about none.
    public var field: String?
    /// The id of the request, as it stands in the log of the server.
    public var request: String?
    /// What lay below, for the log.
    public var underlying: (any Error)?

    /// States a failure.
    public init(_ code: Problem.Code, _ message: String, field: String? = nil, request: String? = nil) {
        self.code = code
        self.message = message
        self.field = field
        self.request = request
    }

    /// The sentence.
    public var description: String { message }

    /// Equal when the code is.
    public static func == (left: AdminFailure, right: AdminFailure) -> Bool { left.code == right.code }
}

extension Problem.Code {
    /// Nobody answers there.
    public static let noServer = Problem.Code(rawValue: "no-server")
    /// The socket may not be opened by this user.
    public static let socketForbidden = Problem.Code(rawValue: "socket-forbidden")
    /// There is no TLS with the server.
    public static let tls = Problem.Code(rawValue: "tls")
    /// The connection broke, or the answer did not come in time: what was asked may have been done.
    public static let noAnswer = Problem.Code(rawValue: "no-answer")
    /// What answers is no management of this kind.
    public static let notUnderstood = Problem.Code(rawValue: "not-understood")
}

extension AdminFailure {
    /// What the server said, with what to do about it.
    init(_ body: ProblemBody, at place: AdminClient.Place, as user: String?) {
        self.init(body.error.code, body.error.message, field: body.error.field, request: body.request)
        switch code {
        case .unauthenticated:
            let name = user.map { "\($0)'s" } ?? "the"
            message += ": look at \(name) name and password, and whether the account is closed"
        case .tooMany: message += "; wait a little"
        case .failed: message += request.map { " (request \($0))" } ?? ""
        default: break
        }
    }

    /// What kept a request from its answer.
    init(_ error: OutgoingError, at place: AdminClient.Place) {
        switch (error.code, place) {
        case (.tls, _):
            self.init(.tls, error.message)
        case (_, .socket(let path)) where error.isBeforeSending || error.code == .refused || error.code == .other:
            self = Self.noSocket(path, error)
        case (.connectionLost, _),
            (.timedOut, _) where !error.isBeforeSending:
            self.init(.noAnswer, error.message)
        case (.protocolViolation, _), (.bodyTooLarge, _), (.headerTooLarge, _):
            self.init(.notUnderstood, error.message)
        default:
            self.init(.noServer, error.message)
        }
        underlying = error
    }

    /// The longest path of a socket (unix(7)), in bytes.
    private static let socketPathByteCountMax = 107

    private static func noSocket(_ path: String, _ error: OutgoingError) -> AdminFailure {
        guard path.utf8.count <= socketPathByteCountMax else {
            return AdminFailure(
                .noServer,
                "\(path) is longer than the \(socketPathByteCountMax) bytes that the path of a socket may have: "
                    + "log in with --server URL --user NAME."
            )
        }
        var facts = stat()
        let isFound = stat(path, &facts) == 0
        if (!isFound && errno == EACCES) || (isFound && access(path, R_OK | W_OK) != 0) {
            return AdminFailure(
                .socketForbidden,
                "This user may not open \(path): run the command as the user who runs the server, or log in with "
                    + "--server URL --user NAME."
            )
        }
        guard isFound else {
            return AdminFailure(
                .noServer,
                "There is no socket \(path): is `wharf serve` running, with this data folder? Name the folder with "
                    + "--data DIR, or a server with --server URL."
            )
        }
        return AdminFailure(.noServer, "Nobody answers at \(path): is `wharf serve` running? \(error.message)")
    }
}
