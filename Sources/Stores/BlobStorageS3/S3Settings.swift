public import AWS
public import Outgoing

/// Which bucket, where it is, and how it is used.
///
/// The defaults are Amazon's. Nothing in it that is secret prints.
public struct S3Settings: Sendable {
    /// How the bucket stands in a URL.
    public enum Addressing: String, Sendable, CaseIterable {
        /// In the host's name at Amazon, in the path everywhere else.
        case automatic
        /// `https://HOST/BUCKET/KEY`.
        case path
        /// `https://BUCKET.HOST/KEY`.
        case virtualHosted = "virtual-hosted"
    }

    /// What the store encrypts objects with.
    public enum Encryption: Sendable, Equatable {
        /// With what the bucket is set up with.
        case bucketDefault
        /// With keys of the store's own (SSE-S3).
        case aes256
        /// With a key of the key management service (SSE-KMS); nil for the account's usual one.
        case kms(keyID: String?)
    }

    /// How the store is told what the bytes should be, so that it refuses others.
    public enum Checksum: String, Sendable, CaseIterable {
        /// By the signature in the clear, which covers the bytes; by MD5 over TLS, where it does not.
        case automatic
        /// By nothing besides the signature.
        case none
        /// By `Content-MD5`, which every store knows.
        case md5
        /// By `x-amz-checksum-crc32`, which costs the least.
        case crc32
        /// By `x-amz-checksum-sha256`.
        case sha256
    }

    /// Where the credentials are from.
    public enum Credentials: Sendable {
        /// A key that does not change.
        case fixed(AWSCredentials)
        /// The places that AWS's own tools look at, each time before what was found there ends.
        case chain(CredentialChain)
    }

    /// The server, without a path; nil for Amazon's own in the region.
    public var endpoint: OutgoingURL?
    /// The region, which every signature names; `us-east-1` for a store that has none.
    public var region: String
    /// The name of the bucket.
    public var bucket: String
    /// What the names of all objects begin with; empty for nothing.
    public var prefix = ""
    /// How the bucket stands in a URL.
    public var addressing = Addressing.automatic
    /// What objects are encrypted with.
    public var encryption = Encryption.bucketDefault
    /// The storage class of objects; nil for the bucket's own.
    public var storageClass: String?
    /// Where the credentials are from.
    public var credentials: Credentials
    /// How the store checks what it is given.
    public var checksum = Checksum.automatic
    /// How much at once, and how long.
    public var limits = S3Limits()

    /// A bucket of a region.
    public init(region: String, bucket: String, credentials: Credentials) {
        self.region = region
        self.bucket = bucket
        self.credentials = credentials
    }
}

/// How much a client asks of a store at once, and how long it waits.
public struct S3Limits: Sendable, Equatable {
    /// How many connections there are at most, those included from which a body is being read.
    public var connectionsMax = 256
    /// How many requests wait for their answer at most; fewer while the store says that it is too much.
    public var requestsAtOnceMax = 64
    /// How many requests may wait for their turn.
    public var waitingMax = 1024
    /// How long a request waits for its turn.
    public var waitMax = Duration.seconds(30)
    /// How often a request is sent at most.
    public var attemptsMax = 10
    /// How long all attempts of a request may take together; the one that has begun may end.
    public var attemptsDurationMax = Duration.seconds(60)
    /// The first pause between two attempts is up to this long, and each further one up to twice the one before.
    public var pauseFirst = Duration.milliseconds(100)
    /// No pause is longer.
    public var pauseMax = Duration.seconds(10)
    /// How long it may take to connect.
    public var connectTimeout = Duration.seconds(10)
    /// How long the store may think about a request; completing a large upload takes it minutes.
    public var firstByteTimeout = Duration.seconds(300)
    /// How long the store may neither send nor take a byte.
    public var stallTimeout = Duration.seconds(60)

    /// The longest answer that says of a failure why, in bytes.
    static let failureByteCountMax = 64 << 10
    /// The longest answer to a request for a list, in bytes: 1000 names of 1024 bytes, escaped.
    static let listByteCountMax = 8 << 20
    /// How many names one request removes at most.
    static let deletedMax = 1000
    /// How often a body that was cut is taken up again without having moved on by ``progressMin``.
    static let resumesMax = 5
    /// How many bytes count as having moved on.
    static let progressMin: Int64 = 64 << 10
    /// The longest name of an object, in bytes.
    static let keyByteCountMax = 1024

    /// The usual ones.
    public init() {}

    /// What the client that dials is to be made with.
    public var outgoing: OutgoingLimits {
        var limits = OutgoingLimits()
        limits.connectionsPerServerMax = connectionsMax
        limits.connectTimeout = connectTimeout
        limits.firstByteTimeout = firstByteTimeout
        limits.stallTimeout = stallTimeout
        return limits
    }
}

extension S3Settings.Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Where they are from, and nothing of what they are.
    public var description: String {
        switch self {
        case .fixed(let credentials): "\(credentials)"
        case .chain: "<redacted, from the credential chain>"
        }
    }
    /// The same.
    public var debugDescription: String { description }
    /// Nothing of what they are.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Credentials that hold for a while.
    func current() async throws -> AWSCredentials {
        switch self {
        case .fixed(let credentials): credentials
        case .chain(let chain): try await chain.credentials()
        }
    }
}
