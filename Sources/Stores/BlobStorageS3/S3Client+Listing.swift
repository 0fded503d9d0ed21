public import Foundation
import Outgoing

/// An object in a list.
public struct S3Listed: Sendable, Equatable {
    /// Its name.
    public var key: String
    /// Its size in bytes.
    public var byteCount: Int64
    /// When it was put there; nil where the store does not say.
    public var modifiedAt: Date?
}

/// A page of the objects of a bucket, in the order of the bytes of their names.
public struct S3ObjectPage: Sendable, Equatable {
    /// The objects.
    public var objects: [S3Listed]
    /// What the names of others begin with, up to the delimiter.
    public var prefixes: [String]
    /// What the next page is asked for with; nil on the last.
    public var next: String?
}

/// A page of the uploads of a bucket.
public struct S3UploadPage: Sendable, Equatable {
    /// The uploads.
    public var uploads: [S3Upload]
    /// The last of this page, behind which the next one begins; nil on the last page.
    public var next: S3Upload?
}

/// An object that could not be removed.
public struct S3DeleteFailure: Sendable, Equatable {
    /// Its name.
    public var key: String
    /// Why.
    public var error: S3Error
}

extension S3Client {
    /// A page of the objects.
    ///
    /// - Parameters:
    ///   - prefix: What their names begin with.
    ///   - after: A name; those up to it are left out.
    ///   - delimiter: Where names are cut, so that all that begin alike are one; nil for nowhere.
    ///   - limit: How many at most; a store gives 1000 and no more.
    ///   - token: `next` of the page before, with the same prefix and delimiter; nil for the first page.
    /// - Returns: The page.
    /// - Throws: ``S3Error``.
    public func list(
        prefix: String = "",
        after: String? = nil,
        delimiter: String? = nil,
        limit: Int = 1000,
        token: String? = nil
    ) async throws -> S3ObjectPage {
        var call = S3Call("s3:ListBucket", .get)
        call.byteCountMax = S3Limits.listByteCountMax
        call.query = [
            S3Parameter("list-type", "2"), S3Parameter("encoding-type", "url"),
            S3Parameter("max-keys", "\(min(max(limit, 1), 1000))"), S3Parameter("prefix", address.prefix + prefix),
        ]
        if let after { call.query.append(S3Parameter("start-after", address.prefix + after)) }
        if let delimiter { call.query.append(S3Parameter("delimiter", delimiter)) }
        if let token { call.query.append(S3Parameter("continuation-token", token)) }
        let document = try S3Document(try await answer(call), "ListBucketResult", subject(of: call))
        let objects = try document.elements("Contents").map { node in
            S3Listed(
                key: try own(try document.key(in: node), call),
                byteCount: try document.number("Size", in: node),
                modifiedAt: document.date("LastModified", in: node)
            )
        }
        let prefixes = try document.elements("CommonPrefixes").map { node in
            try own(try document.key("Prefix", in: node), call)
        }
        let next = document.text("NextContinuationToken")
        if document.isTruncated, next == nil { throw document.unfollowed() }
        return S3ObjectPage(objects: objects, prefixes: prefixes, next: document.isTruncated ? next : nil)
    }

    /// Removes up to 1000 objects with one request; no failure for those that are not there.
    public func delete(_ keys: [String]) async throws -> [S3DeleteFailure] {
        guard !keys.isEmpty else { return [] }
        guard keys.count <= S3Limits.deletedMax else {
            throw S3Error(.settingsInvalid, "More than \(S3Limits.deletedMax) objects cannot be removed at once.")
        }
        var call = S3Call("s3:DeleteObject", .post, [S3Parameter("delete")])
        call.headers["Content-Type"] = "application/xml"
        call.body = .bytes(S3Document.deletion(try keys.map { (key) throws(S3Error) in try address.full(key) }))
        // Without it the store refuses: it is the one call for which all stores want one.
        call.checksum = .md5
        call.byteCountMax = S3Limits.listByteCountMax
        let document = try S3Document(try await answer(call), "DeleteResult", subject(of: call))
        return try document.elements("Error").compactMap { node in
            let key = try own(try document.key(in: node), call)
            let code = document.text("Code", in: node) ?? ""
            guard code != "NoSuchKey" else { return nil }
            let subject = S3Subject(action: call.action, key: key, place: address.place)
            return S3DeleteFailure(key: key, error: S3Error(called: code, status: 200, subject))
        }
    }

    /// A page of the uploads that were begun and have not ended, in the order of the objects' names.
    ///
    /// - Parameters:
    ///   - prefix: What the objects' names begin with.
    ///   - after: `next` of the page before, or any name with an empty id; nil for the first page.
    /// - Returns: The page.
    /// - Throws: ``S3Error``.
    public func listUploads(prefix: String = "", after: S3Upload? = nil) async throws -> S3UploadPage {
        var call = S3Call("s3:ListBucketMultipartUploads", .get, [S3Parameter("uploads")])
        call.byteCountMax = S3Limits.listByteCountMax
        call.query += [S3Parameter("encoding-type", "url"), S3Parameter("prefix", address.prefix + prefix)]
        if let after {
            call.query.append(S3Parameter("key-marker", address.prefix + after.key))
            if !after.id.isEmpty { call.query.append(S3Parameter("upload-id-marker", after.id)) }
        }
        let found: S3Answer
        do {
            found = try await answer(call)
        } catch let error as S3Error where error.code == .noSuchUpload {
            // So says rclone of a bucket that never had any.
            return S3UploadPage(uploads: [], next: nil)
        }
        let document = try S3Document(found, "ListMultipartUploadsResult", subject(of: call))
        let uploads = try document.elements("Upload").map { node in
            S3Upload(
                key: try own(try document.key(in: node), call),
                id: try document.required("UploadId", in: node),
                startedAt: document.date("Initiated", in: node)
            )
        }
        guard document.isTruncated else { return S3UploadPage(uploads: uploads, next: nil) }
        guard let last = uploads.last, last != after else { throw document.unfollowed() }
        return S3UploadPage(uploads: uploads, next: last)
    }

    /// The parts of an upload that the store has, in their order; up to 10,000.
    public func listParts(of upload: S3Upload) async throws -> [S3Part] {
        var parts: [S3Part] = []
        while true {
            var call = S3Call("s3:ListMultipartUploadParts", .get, key: try address.full(upload.key))
            call.byteCountMax = S3Limits.listByteCountMax
            call.query = [S3Parameter("uploadId", upload.id)]
            if let last = parts.last { call.query.append(S3Parameter("part-number-marker", "\(last.number)")) }
            let document = try S3Document(try await answer(call), "ListPartsResult", subject(of: call))
            let found = try document.elements("Part").map { node in
                S3Part(
                    number: Int(try document.number("PartNumber", in: node)),
                    etag: try document.required("ETag", in: node),
                    byteCount: try document.number("Size", in: node),
                    checksum: document.text("ChecksumSHA256", in: node) ?? document.text("ChecksumCRC32", in: node)
                )
            }
            guard document.isTruncated else { return parts + found }
            guard let last = found.last, last.number > parts.last?.number ?? 0, parts.count < 10_000 else {
                throw document.unfollowed()
            }
            parts += found
        }
    }

    /// A name without the prefix of the settings.
    private func own(_ key: String, _ call: S3Call) throws(S3Error) -> String {
        // Byte by byte: to a Character, a slash with an accent behind it is another sign.
        guard key.utf8.starts(with: address.prefix.utf8),
            let own = String(key.utf8.dropFirst(address.prefix.utf8.count))
        else { throw S3Error.notUnderstood("it has a name outside of the prefix", subject(of: call)) }
        return own
    }
}
