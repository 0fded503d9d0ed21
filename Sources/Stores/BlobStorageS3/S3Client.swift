import AWS
import Foundation
public import Outgoing

/// What a bucket of S3 can be asked for, by the REST API of 2006-03-01; it knows nothing of registries.
///
/// Every name of an object is below the prefix of the settings, which is added and taken away here. Requests that are
/// safe to repeat are repeated within bounds of number and time; how many there are at once follows what the store
/// can bear. A body that can be gone through once is sent once.
///
/// Errors: ``S3Error``, or `CancellationError`.
public final class S3Client: Sendable {
    /// Which bucket, and how it is used.
    public let settings: S3Settings
    let address: S3Address
    let transport: OutgoingClient
    let limiter: S3Limiter
    let pacing: S3Pacing
    let counters = S3Counters()

    /// Puts a client together; dials nothing.
    ///
    /// - Parameters:
    ///   - settings: Which bucket, and how it is used.
    ///   - transport: What dials, best made with ``S3Limits/outgoing``. The caller shuts it down.
    ///   - pacing: Time and chance.
    /// - Throws: ``S3Error`` with `settingsInvalid`.
    public init(_ settings: S3Settings, transport: OutgoingClient, pacing: S3Pacing = .system) throws(S3Error) {
        self.settings = settings
        self.transport = transport
        self.pacing = pacing
        address = try S3Address(settings)
        limiter = S3Limiter(settings.limits, pause: pacing.pause)
    }

    /// How many requests the store bears at once, as far as is known now.
    public var requestsAtOnce: Int { limiter.room }

    /// What was asked of the store.
    public var counts: S3Counts { counters.current }

    /// The fields with which every new object is described.
    func describing(_ metadata: [String: String]) -> HeaderFields {
        var headers: HeaderFields = ["Content-Type": "application/octet-stream"]
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) { headers["x-amz-meta-\(name)"] = value }
        switch settings.encryption {
        case .bucketDefault: break
        case .aes256: headers["x-amz-server-side-encryption"] = "AES256"
        case .kms(let keyID):
            headers["x-amz-server-side-encryption"] = "aws:kms"
            headers["x-amz-server-side-encryption-aws-kms-key-id"] = keyID
        }
        headers["x-amz-storage-class"] = settings.storageClass
        return headers
    }

    /// What the store is told of bytes, besides what the signature says.
    var checksum: S3Settings.Checksum {
        switch settings.checksum {
        case .automatic: address.isSecure ? .md5 : .none
        case let chosen: chosen
        }
    }
}

/// What is known of an object.
public struct S3ObjectFacts: Sendable, Equatable {
    /// Its size in bytes.
    public var byteCount: Int64
    /// What it is known by at this moment, with its quotation marks; nil where the store says nothing.
    public var etag: String?
    /// What was said of it when it was put there; the names in small letters.
    public var metadata: [String: String]

    init(byteCount: Int64, headers: HeaderFields) {
        self.byteCount = byteCount
        etag = headers["ETag"].flatMap { $0.isEmpty ? nil : $0 }
        metadata = [:]
        let prefix = "x-amz-meta-"
        for field in headers.fields where field.name.lowercased().hasPrefix(prefix) {
            metadata[String(field.name.lowercased().dropFirst(prefix.count))] = field.value
        }
    }
}
