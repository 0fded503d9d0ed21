import AsyncHTTPClient
public import NIOCore

/// A method of HTTP.
public struct OutgoingMethod: Sendable, Hashable, CustomStringConvertible {
    /// Its name, in capitals.
    public let description: String

    /// Names a method.
    public init(_ name: StaticString) {
        description = name.description
    }

    /// Asks for the thing.
    public static let get = OutgoingMethod("GET")
    /// Asks about the thing.
    public static let head = OutgoingMethod("HEAD")
    /// Hands something in.
    public static let post = OutgoingMethod("POST")
    /// Puts the thing there.
    public static let put = OutgoingMethod("PUT")
    /// Changes a part of the thing.
    public static let patch = OutgoingMethod("PATCH")
    /// Removes the thing.
    public static let delete = OutgoingMethod("DELETE")
}

/// What is sent.
///
/// It is sent once: whether it may be sent again after a failure knows only who made it.
public struct OutgoingRequest: Sendable {
    /// What becomes of a redirect.
    public enum Redirects: Sendable, Equatable {
        /// It is the answer.
        case delivered
        /// It is followed, as far as ``OutgoingLimits/redirectsMax`` and safety allow.
        case followed
    }

    /// What is to be done.
    public var method: OutgoingMethod
    /// With what.
    public var url: OutgoingURL
    /// The header fields; `Host` and the length of the body are added.
    public var headers: HeaderFields
    /// The body.
    public var body: OutgoingBody
    /// What becomes of a redirect.
    public var redirects: Redirects

    /// Puts a request together.
    public init(
        _ method: OutgoingMethod,
        _ url: OutgoingURL,
        headers: HeaderFields = [:],
        body: OutgoingBody = .none,
        redirects: Redirects = .delivered
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.redirects = redirects
    }
}

extension OutgoingRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The method, the URL without its query, and the header fields without their secrets.
    public var description: String { "\(method) \(url) [\(headers)]" }
    /// The same.
    public var debugDescription: String { description }
    /// Nothing but the description.
    public var customMirror: Mirror { Mirror(self, children: ["request": description]) }
}

/// The body of a request.
public struct OutgoingBody: Sendable {
    /// The body as the transport takes it; nil for none.
    let transported: HTTPClientRequest.Body?
    /// Whether it can be sent again.
    let isRepeatable: Bool

    /// No body.
    public static let none = OutgoingBody(transported: nil, isRepeatable: true)

    /// Bytes in memory.
    public static func bytes(_ bytes: [UInt8]) -> OutgoingBody {
        OutgoingBody(transported: .bytes(ByteBuffer(bytes: bytes)), isRepeatable: true)
    }

    /// Chunks of a length that is known, which are asked for as fast as the server takes them.
    ///
    /// An error of the sequence ends the request with ``OutgoingError/Code/requestBodyFailed``, and so does another
    /// length.
    public static func stream<Chunks: AsyncSequence & Sendable>(
        byteCount: Int64,
        _ chunks: Chunks
    ) -> OutgoingBody where Chunks.Element == ByteBuffer {
        OutgoingBody(
            transported: .stream(BodyChunks(base: chunks), length: .known(byteCount)),
            isRepeatable: false
        )
    }

    /// Chunks of which nobody knows how many bytes they have together.
    ///
    /// An error of the sequence ends the request with ``OutgoingError/Code/requestBodyFailed``.
    public static func stream<Chunks: AsyncSequence & Sendable>(
        _ chunks: Chunks
    ) -> OutgoingBody where Chunks.Element == ByteBuffer {
        OutgoingBody(transported: .stream(BodyChunks(base: chunks), length: .unknown), isRepeatable: false)
    }
}

/// The chunks of a caller, whose errors are told from the transport's.
private struct BodyChunks<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable where Base.Element == ByteBuffer {
    typealias Element = ByteBuffer

    struct AsyncIterator: AsyncIteratorProtocol {
        var base: Base.AsyncIterator

        mutating func next(isolation actor: isolated (any Actor)?) async throws -> ByteBuffer? {
            do {
                return try await base.next(isolation: actor)
            } catch {
                throw RequestBodyFailure(underlying: error)
            }
        }
    }

    let base: Base

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: base.makeAsyncIterator())
    }
}

/// What the sequence of a caller threw.
struct RequestBodyFailure: Error {
    let underlying: any Error
}
