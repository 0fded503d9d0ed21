public import NIOCore
import Outgoing

/// An object, or a stretch of one, that is being read.
public struct S3Object: Sendable {
    /// What is known of the whole object.
    public let facts: S3ObjectFacts
    /// Which of its bytes come.
    public let range: Range<Int64>
    /// The bytes.
    public let body: S3ObjectBody
}

extension S3Client {
    /// Begins to read an object.
    ///
    /// - Parameters:
    ///   - key: Its name.
    ///   - range: Which of its bytes; what lies behind its end is left out. Nil for all.
    ///   - etag: What it must be known by; nil for whatever is there.
    /// - Returns: The object, whose body goes on from where it was cut when the connection is lost.
    /// - Throws: ``S3Error``; with `rangeInvalid` when the object ends before the range begins.
    public func get(_ key: String, range: Range<Int64>? = nil, etag: String? = nil) async throws -> S3Object {
        let key = try address.full(key)
        let opened = try await open(key, range: range, etag: etag)
        let body = S3ObjectBody(
            client: self,
            key: key,
            etag: opened.facts.etag ?? etag,
            range: opened.range,
            first: opened.response.body
        )
        return S3Object(facts: opened.facts, range: opened.range, body: body)
    }

    /// An answer whose fields say that the right bytes come.
    struct Opened: Sendable {
        let response: OutgoingResponse
        let range: Range<Int64>
        let facts: S3ObjectFacts
    }

    func open(_ key: String, range: Range<Int64>?, etag: String?) async throws -> Opened {
        var call = S3Call("s3:GetObject", .get, key: key)
        call.headers["If-Match"] = etag
        if let range {
            guard !range.isEmpty else { throw S3Error(.rangeInvalid, "No bytes of \(key) were asked for.") }
            call.headers["Range"] = "bytes=\(range.lowerBound)-\(range.upperBound - 1)"
        }
        return try await attempt(call) { response in
            let came = try Self.range(of: response, asked: range, self.subject(of: call))
            if let etag, let found = response.headers["ETag"], !found.isEmpty, found != etag {
                throw S3Error(.preconditionFailed, "\(self.subject(of: call).object) is another object by now.")
            }
            let facts = S3ObjectFacts(byteCount: came.total, headers: response.headers)
            return Opened(response: response, range: came.range, facts: facts)
        }
    }

    /// Which bytes an answer says that it has.
    private static func range(
        of response: OutgoingResponse,
        asked: Range<Int64>?,
        _ subject: S3Subject
    ) throws(S3Error) -> (range: Range<Int64>, total: Int64) {
        guard let length = response.headers["Content-Length"].flatMap({ Int64($0) }), length >= 0 else {
            throw S3Error.notUnderstood("it has no length", subject)
        }
        guard let asked else {
            guard response.status == 200 else { throw S3Error.notUnderstood("it is a part of the object", subject) }
            return (0..<length, length)
        }
        // rclone answers 200 with a Content-Range, and means it.
        guard let text = response.headers["Content-Range"] else {
            throw S3Error.notUnderstood("it has the whole object where a part was asked for", subject)
        }
        guard let (came, total) = S3ContentRange.read(text), came.lowerBound == asked.lowerBound,
            came.upperBound == min(asked.upperBound, total),
            Int64(came.count) == length
        else { throw S3Error.notUnderstood("it has other bytes than were asked for", subject) }
        return (came, total)
    }
}

/// `Content-Range` (RFC 9110 section 14.4).
enum S3ContentRange {
    /// Which bytes come, of how many; nil where the text says neither.
    static func read(_ text: String) -> (range: Range<Int64>, total: Int64)? {
        guard text.hasPrefix("bytes ") else { return nil }
        let parts = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let total = number(parts[1]) else { return nil }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = number(ends[0]), let last = number(ends[1]) else { return nil }
        guard first <= last, last < total else { return nil }
        return (first..<(last + 1), total)
    }

    private static func number(_ text: Substring) -> Int64? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text)
    }
}

/// The bytes of an object, which can be gone through once: exactly as many as were promised, or an error.
public struct S3ObjectBody: AsyncSequence, Sendable {
    /// A part of the bytes.
    public typealias Element = ByteBuffer

    let client: S3Client
    let key: String
    let etag: String?
    let range: Range<Int64>
    let first: OutgoingResponseBody

    /// Goes through the chunks.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let body: S3ObjectBody
        private var base: OutgoingResponseBody.AsyncIterator
        private var position: Int64
        private var resumes = 0
        private var resumedAt: Int64

        fileprivate init(_ body: S3ObjectBody) {
            self.body = body
            base = body.first.makeAsyncIterator()
            position = body.range.lowerBound
            resumedAt = position
        }

        /// The next chunk; nil at the end.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> ByteBuffer? {
            while true {
                do {
                    let chunk = try await base.next(isolation: actor)
                    if let chunk {
                        guard chunk.readableBytes > 0 else { continue }
                        position += Int64(chunk.readableBytes)
                        guard position <= body.range.upperBound else { throw body.tooLong }
                        return chunk
                    }
                    guard position < body.range.upperBound else { return nil }
                    try await resume(after: body.tooShort)
                } catch let error as OutgoingError {
                    // All is there: what went wrong behind it is nobody's business.
                    guard position < body.range.upperBound else { return nil }
                    let told = S3Error.transport(error, body.subject)
                    guard let told = told as? S3Error, told.isPassing else { throw told }
                    try await resume(after: told)
                }
            }
        }

        /// Asks for what is left, unless that was tried again and again without moving on.
        private mutating func resume(after error: S3Error) async throws {
            if position - resumedAt >= S3Limits.progressMin { resumes = 0 }
            resumes += 1
            guard resumes <= S3Limits.resumesMax else { throw error }
            resumedAt = position
            let opened = try await body.client.open(body.key, range: position..<body.range.upperBound, etag: body.etag)
            guard opened.range.upperBound == body.range.upperBound else { throw body.tooShort }
            base = opened.response.body.makeAsyncIterator()
        }
    }

    /// Begins to read.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

    /// All of the bytes, which may not be more than that.
    public func collect(upTo byteCountMax: Int) async throws -> [UInt8] {
        guard range.upperBound - range.lowerBound <= Int64(byteCountMax) else {
            throw S3Error(
                .entityTooLarge,
                "\(subject.object) has more than the \(byteCountMax) bytes that are read of it."
            )
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        for try await chunk in self { bytes += chunk.readableBytesView }
        return bytes
    }

    fileprivate var subject: S3Subject {
        S3Subject(action: "s3:GetObject", key: key, place: client.address.place)
    }

    fileprivate var tooShort: S3Error {
        S3Error(.unavailable, "\(subject.object) ended before all of its bytes came.")
    }

    fileprivate var tooLong: S3Error {
        S3Error.notUnderstood("more bytes come than it has said", subject)
    }
}
