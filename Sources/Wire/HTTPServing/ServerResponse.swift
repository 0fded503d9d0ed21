import NIOCore
import NIOHTTP1

/// One answer.
///
/// `Content-Length` and `Date` are set when it is sent.
public struct ServerResponse: Sendable {
    /// What follows the header.
    public enum Body: Sendable {
        /// Nothing; a `Content-Length` in the header is kept, as an answer to HEAD needs it.
        case none
        /// Bytes in memory.
        case bytes(ByteBuffer)
        /// A part of an open file, sent without being copied through the program where the connection allows it.
        case file(FileSlice)
        /// Bytes that come from elsewhere while they are sent; exactly so many.
        case stream(any ResponseStream, byteCount: Int64)
    }

    /// The status.
    public var status: HTTPResponseStatus
    /// The header fields.
    public var headers: HTTPHeaders
    /// What follows the header.
    public var body: Body
    /// Is told, when all is over, how many bytes of the body went out: fewer than there are when the client left.
    public var onEnd: (@Sendable (_ sentByteCount: Int) -> Void)?

    /// Describes an answer.
    public init(_ status: HTTPResponseStatus, headers: HTTPHeaders = [:], body: Body = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Bytes that come from elsewhere, as fast as whoever reads the answer takes them.
public protocol ResponseStream: Sendable {
    /// The next bytes, about `byteCount` of them and at least one, or nil at the end.
    ///
    /// Its task is cancelled when the client is gone. When it throws, or ends too early, the connection is closed: the
    /// header with the length is out already.
    func next(upTo byteCount: Int) async throws -> [ByteBuffer]?
}

/// A part of an open file.
public struct FileSlice: Sendable {
    /// The descriptor, open for reading; used with explicit offsets only.
    public var descriptor: CInt
    /// Whoever closes the descriptor; held until all is sent.
    public var owner: any AnyObject & Sendable
    /// Where the part begins, in bytes.
    public var offset: Int64
    /// How long it is, in bytes.
    public var byteCount: Int64

    /// Describes a part of an open file.
    public init(descriptor: CInt, owner: any AnyObject & Sendable, offset: Int64, byteCount: Int64) {
        self.descriptor = descriptor
        self.owner = owner
        self.offset = offset
        self.byteCount = byteCount
    }
}
