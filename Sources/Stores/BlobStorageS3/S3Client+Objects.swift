import AWS
import Foundation
public import Outgoing

extension S3Client {
    /// Puts an object there, in the place of one that has its name.
    ///
    /// - Parameters:
    ///   - key: Its name.
    ///   - body: Its bytes, at most 5 GiB.
    ///   - metadata: What is said of it, names and values in ASCII.
    ///   - onlyIfAbsent: Whether it may only be put where there is none. After an attempt whose answer was lost, the
    ///     object that is in the way may be this one: `attempts` of the error tells.
    /// - Returns: What the object is known by; nil where the store says nothing.
    /// - Throws: ``S3Error``; with `preconditionFailed` where there is one.
    @discardableResult
    public func put(
        _ key: String,
        _ body: S3Body,
        metadata: [String: String] = [:],
        onlyIfAbsent: Bool = false
    ) async throws -> String? {
        var call = S3Call("s3:PutObject", .put, key: try address.full(key))
        call.headers = describing(metadata)
        if onlyIfAbsent { call.headers["If-None-Match"] = "*" }
        call.body = body
        call.checksum = body.isRepeatable ? checksum : .none
        return try await answer(call).headers["ETag"]
    }

    /// What is known of an object.
    ///
    /// - Throws: ``S3Error``; with `noSuchKey` where there is none.
    public func head(_ key: String) async throws -> S3ObjectFacts {
        let call = S3Call("s3:GetObject", .head, key: try address.full(key))
        return try await attempt(call) { response in
            // To its end, which is at once: the connection is of use again then.
            for try await _ in response.body {}
            guard let size = response.headers["Content-Length"].flatMap({ Int64($0) }), size >= 0 else {
                throw S3Error.notUnderstood("it has no length", self.subject(of: call))
            }
            return S3ObjectFacts(byteCount: size, headers: response.headers)
        }
    }

    /// Removes an object; no error where there is none.
    public func delete(_ key: String) async throws {
        let call = S3Call("s3:DeleteObject", .delete, key: try address.full(key))
        do {
            _ = try await answer(call)
        } catch let error as S3Error where error.code == .noSuchKey {
            // What somebody else has removed is removed.
        }
    }

    /// Whether the bucket is there and may be asked.
    ///
    /// - Throws: ``S3Error``, which says what is wrong.
    public func headBucket() async throws {
        _ = try await answer(S3Call("s3:ListBucket", .head))
    }

    /// A URL by which whoever has it reads an object for a while; it is a secret for that time.
    ///
    /// - Parameters:
    ///   - key: The object's name.
    ///   - lifetime: How long it holds: up to 7 days, and no longer than the credentials do.
    ///   - overrides: What the answer says of the object.
    ///   - endpoint: The name of the server that readers know; nil for the one that is dialled here.
    /// - Returns: The URL, whose description hides its query: take `target` and `pathAndQuery`.
    /// - Throws: ``S3Error``.
    public func presignedGet(
        _ key: String,
        lifetime: Duration,
        overrides: S3ResponseFields = S3ResponseFields(),
        endpoint: OutgoingURL? = nil
    ) async throws -> OutgoingURL {
        let place = try endpoint.map { (url) throws(S3Error) in try S3Address(settings, at: url) } ?? address
        let url = try place.url(try place.full(key), overrides.parameters)
        do {
            return try await signature().presigned(.get, url, lifetime: lifetime)
        } catch let error as OutgoingURL.ParseError {
            throw S3Error(.settingsInvalid, "The signed URL cannot be: \(error).", underlying: error)
        }
    }
}

/// What the answer to a signed URL says of an object, whatever was said when it was put there.
public struct S3ResponseFields: Sendable, Equatable {
    /// Its media type.
    public var contentType: String?
    /// What a browser does with it.
    public var contentDisposition: String?
    /// How long it may be kept on the way.
    public var cacheControl: String?

    /// Some of them.
    public init(contentType: String? = nil, contentDisposition: String? = nil, cacheControl: String? = nil) {
        self.contentType = contentType
        self.contentDisposition = contentDisposition
        self.cacheControl = cacheControl
    }

    var parameters: [S3Parameter] {
        [
            contentType.map { S3Parameter("response-content-type", $0) },
            contentDisposition.map { S3Parameter("response-content-disposition", $0) },
            cacheControl.map { S3Parameter("response-cache-control", $0) },
        ].compactMap { $0 }
    }
}
