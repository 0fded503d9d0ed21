import AsyncHTTPClient
public import NIOCore

/// What came back.
public struct OutgoingResponse: Sendable {
    /// The status, such as 200.
    public let status: Int
    /// The header fields.
    public let headers: HeaderFields
    /// Where the answer comes from: another URL than was asked where redirects were followed.
    public let url: OutgoingURL
    /// The body, which is read from the connection as it is asked for.
    ///
    /// Who does not want all of it lets go of it, and the connection ends.
    public let body: OutgoingResponseBody
}

extension OutgoingResponse: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The status and the header fields without their secrets.
    public var description: String { "\(status) \(url) [\(headers)]" }
    /// The same.
    public var debugDescription: String { description }
    /// Nothing but the description.
    public var customMirror: Mirror { Mirror(self, children: ["response": description]) }
}

/// The body of an answer in chunks, which can be gone through once.
///
/// Errors are of type ``OutgoingError``.
public struct OutgoingResponseBody: AsyncSequence, Sendable {
    /// A part of the body.
    public typealias Element = ByteBuffer

    let base: HTTPClientResponse.Body
    let lease: OutgoingRoutes.Lease
    let target: OutgoingTarget
    /// How long the body is said to be, where it is.
    public let byteCount: Int64?

    /// Goes through the chunks.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private var base: HTTPClientResponse.Body.AsyncIterator
        private let lease: OutgoingRoutes.Lease
        private let target: OutgoingTarget

        fileprivate init(_ body: OutgoingResponseBody) {
            base = body.base.makeAsyncIterator()
            lease = body.lease
            target = body.target
        }

        /// The next chunk; nil at the end.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> ByteBuffer? {
            do {
                return try await base.next(isolation: actor)
            } catch {
                throw OutgoingError.transport(error, target: target, proxy: nil)
            }
        }
    }

    /// Begins to read.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(self)
    }

    /// All of the body, which may not be longer than that.
    ///
    /// - Throws: ``OutgoingError`` with `bodyTooLarge`, and whatever ends an exchange.
    public func collect(upTo byteCountMax: Int) async throws -> [UInt8] {
        let tooLarge = OutgoingError(
            .bodyTooLarge,
            "The answer of \(target.place) is longer than the \(byteCountMax) bytes that are read of it."
        )
        if let byteCount, byteCount > Int64(byteCountMax) { throw tooLarge }
        var bytes: [UInt8] = []
        if let byteCount { bytes.reserveCapacity(Int(byteCount)) }
        for try await chunk in self {
            guard bytes.count + chunk.readableBytes <= byteCountMax else { throw tooLarge }
            bytes += chunk.readableBytesView
        }
        return bytes
    }

    /// Reads what little may be left, so that the connection can be used again; lets go of it when it is more.
    func discard() async {
        guard byteCount.map({ $0 <= OutgoingLimits.discardedBodyMax }) ?? true else { return }
        _ = try? await collect(upTo: OutgoingLimits.discardedBodyMax)
    }
}
