import AWS
public import Foundation
import Outgoing

/// A part of an object that is put there in parts.
public struct S3Part: Sendable, Equatable, Hashable {
    /// Its number, from 1 to 10,000.
    public var number: Int
    /// What the store knows it by.
    public var etag: String
    /// Its size in bytes.
    public var byteCount: Int64
    /// What the store was told to check it by, where the upload was begun with such a checksum.
    public var checksum: String?

    /// Describes a part.
    public init(number: Int, etag: String, byteCount: Int64, checksum: String? = nil) {
        self.number = number
        self.etag = etag
        self.byteCount = byteCount
        self.checksum = checksum
    }
}

/// An object that is being put there in parts.
public struct S3Upload: Sendable, Equatable, Hashable {
    /// The name that the object will have.
    public var key: String
    /// What the store knows the upload by.
    public var id: String
    /// When it was begun; nil where the store does not say.
    public var startedAt: Date?

    /// Names an upload.
    public init(key: String, id: String, startedAt: Date? = nil) {
        self.key = key
        self.id = id
        self.startedAt = startedAt
    }
}

extension S3Client {
    /// Begins to put an object there in parts.
    ///
    /// An attempt whose answer was lost leaves an upload that nobody knows: ``listUploads(prefix:after:)`` finds it.
    public func createUpload(_ key: String, metadata: [String: String] = [:]) async throws -> S3Upload {
        var call = S3Call("s3:PutObject", .post, key: try address.full(key), [S3Parameter("uploads")])
        call.headers = describing(metadata)
        switch checksum {
        case .crc32: call.headers["x-amz-checksum-algorithm"] = "CRC32"
        case .sha256: call.headers["x-amz-checksum-algorithm"] = "SHA256"
        case .automatic, .none, .md5: break
        }
        let answer = try await answer(call)
        // rclone has the shorter name.
        let names = ("InitiateMultipartUploadResult", "InitiateMultipartUpload")
        let document = try S3Document(answer, names.0, or: names.1, subject(of: call))
        return S3Upload(key: key, id: try document.required("UploadId"))
    }

    /// Puts a part of an upload there, in the place of one that has its number.
    ///
    /// - Parameters:
    ///   - number: From 1 to 10,000.
    ///   - upload: Of which upload.
    ///   - body: Its bytes: from 5 MiB, but for the last one, to 5 GiB.
    /// - Returns: The part.
    /// - Throws: ``S3Error``; with `noSuchUpload` when the upload has ended.
    public func uploadPart(_ number: Int, of upload: S3Upload, _ body: S3Body) async throws -> S3Part {
        var call = try partCall("s3:PutObject", number, upload)
        call.body = body
        call.checksum = body.isRepeatable ? checksum : .none
        let sums = try await sums(of: call)
        call.sums = sums
        let answer = try await answer(call)
        guard let etag = answer.headers["ETag"], !etag.isEmpty else {
            throw S3Error.notUnderstood("it has no ETag", subject(of: call))
        }
        let sum: String? =
            switch call.checksum {
            case .crc32: sums.crc32
            case .sha256: sums.sha256
            case .automatic, .none, .md5: nil
            }
        return S3Part(number: number, etag: etag, byteCount: body.byteCount, checksum: sum)
    }

    /// Makes a part of an upload out of an object of the same bucket, without moving its bytes through here.
    ///
    /// - Parameters:
    ///   - number: From 1 to 10,000.
    ///   - upload: Of which upload.
    ///   - source: The object's name.
    ///   - range: Which of its bytes: Amazon takes this of objects above 5 MiB only. Nil for all.
    ///   - byteCount: How many bytes that are.
    /// - Returns: The part.
    /// - Throws: ``S3Error``.
    public func copyPart(
        _ number: Int,
        of upload: S3Upload,
        from source: String,
        range: Range<Int64>? = nil,
        byteCount: Int64
    ) async throws -> S3Part {
        var call = try partCall("s3:PutObject", number, upload)
        let path = "\(settings.bucket)/\(try address.full(source))"
        call.headers["x-amz-copy-source"] = Escaping.escaped(path, keepsSlash: true)
        if let range, !range.isEmpty {
            call.headers["x-amz-copy-source-range"] = "bytes=\(range.lowerBound)-\(range.upperBound - 1)"
        }
        let document = try S3Document(try await answer(call), "CopyPartResult", subject(of: call))
        let sum: String? =
            switch checksum {
            case .crc32: document.text("ChecksumCRC32")
            case .sha256: document.text("ChecksumSHA256")
            case .automatic, .none, .md5: nil
            }
        return S3Part(number: number, etag: try document.required("ETag"), byteCount: byteCount, checksum: sum)
    }

    /// Makes the object out of its parts.
    ///
    /// After an attempt whose answer was lost, the upload may have ended well: with `noSuchUpload` and more than one
    /// attempt, ``head(_:)`` tells.
    ///
    /// - Throws: ``S3Error``, also where the answer began with 200 and ended with an error.
    public func complete(_ upload: S3Upload, _ parts: [S3Part]) async throws {
        var call = S3Call(
            "s3:PutObject",
            .post,
            key: try address.full(upload.key),
            [S3Parameter("uploadId", upload.id)]
        )
        call.headers["Content-Type"] = "application/xml"
        call.body = .bytes(S3Document.completion(parts, checksum))
        _ = try S3Document(try await answer(call), "CompleteMultipartUploadResult", subject(of: call))
    }

    /// Drops an upload and its parts; no error where there is none.
    public func abort(_ upload: S3Upload) async throws {
        let call = S3Call(
            "s3:AbortMultipartUpload",
            .delete,
            key: try address.full(upload.key),
            [S3Parameter("uploadId", upload.id)]
        )
        do {
            _ = try await answer(call)
        } catch let error as S3Error where [.noSuchUpload, .noSuchKey].contains(error.code) {
            // What has ended is gone.
        }
    }

    private func partCall(_ action: String, _ number: Int, _ upload: S3Upload) throws(S3Error) -> S3Call {
        S3Call(
            action,
            .put,
            key: try address.full(upload.key),
            [S3Parameter("partNumber", "\(number)"), S3Parameter("uploadId", upload.id)]
        )
    }
}
