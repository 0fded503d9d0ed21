import NetworkAddress

/// Everything that can be configured, as checked values; the initial values are the defaults.
///
/// The keys that name these values, their limits and their documentation stand in `ServerSettings+Keys.swift`.
public struct ServerSettings: Sendable {
    /// Where and how things are stored.
    public var storage = Storage()
    /// A PostgreSQL that holds the facts, where one is used.
    public var postgresql = PostgreSQL()
    /// A bucket that holds the blobs, where one is used.
    public var s3 = S3()
    /// How clients reach the server.
    public var http = HTTP()
    /// Who may do what.
    public var access = Access()
    /// How much a client may ask for.
    public var limits = Limits()
    /// What is kept of who did what.
    public var audit = Audit()
    /// What waits for those who hear of what has happened.
    public var events = Events()
    /// Work that lasts.
    public var jobs = Jobs()
    /// The garbage collection.
    public var gc = GC()
    /// Reading what is stored again.
    public var scrub = Scrub()
    /// What was deleted and can be brought back.
    public var trash = Trash()
    /// The history of tags.
    public var tags = Tags()
    /// Uploads of blobs in progress.
    public var uploads = Uploads()
    /// Manifests.
    public var manifests = Manifests()
    /// What is logged and how.
    public var log = Log()

    /// Where and how things are stored.
    public struct Storage: Sendable {
        /// The folder that holds everything.
        public var data = LocalPath("./wharf-data")
        /// New uploads are refused when less than this is free.
        public var reserve = ByteCount.mebibytes(512)
        /// The share of the disk above which the log warns.
        public var warnAbove = Share(0.8)
        /// The share of the disk above which uploads are refused.
        public var refuseAbove = Share(0.95)
        /// Why nothing may be changed at this server; nil where it may.
        public var readOnly: String?
        /// The memory for what is asked for often.
        public var cacheSize = ByteCount.mebibytes(64)
        /// Threads that read and write files; 0 lets the server choose.
        public var threads = 0
    }

    /// A PostgreSQL that holds the facts in the place of the database in the data folder.
    public struct PostgreSQL: Sendable {
        /// Where it is and how to get in; nil where the database in the data folder is used.
        public var connection: Secret?
        /// The password, where it is not a part of the connection.
        public var password: Secret?
        /// The most connections.
        public var connections = 16
        /// The most requests that wait for a connection.
        public var waitingMax = 1024
        /// The longest time that one waits.
        public var waitTimeout = Duration.seconds(5)
        /// The longest time that a statement takes.
        public var statementTimeout = Duration.seconds(30)
    }

    /// A bucket of S3 that holds the blobs in the place of the data folder.
    public struct S3: Sendable {
        /// The bucket; nil where the blobs are in the data folder.
        public var bucket: String?
        /// The server; nil for Amazon's own in the region.
        public var endpoint: ServerAddress?
        /// The region, which every signature names; nil for the one of the environment.
        public var region: String?
        /// What the names of all objects begin with.
        public var prefix = ""
        /// How the bucket stands in a URL.
        public var addressing = Addressing.automatic
        /// The name of the key that signs; nil for what AWS's own tools would use.
        public var accessKey: String?
        /// That key.
        public var secretKey: Secret?
        /// A PEM file with authorities that are believed besides the system's own.
        public var authorities: LocalPath?
        /// What objects are encrypted with.
        public var encryption = Encryption.bucket
        /// The key of the key management service.
        public var kmsKey: String?
        /// The storage class of objects; nil for the bucket's own.
        public var storageClass: String?
        /// How the store checks what it is given.
        public var checksum = Checksum.automatic
        /// The size of the first parts of a large blob.
        public var partSize = ByteCount.mebibytes(8)
        /// The most requests at once.
        public var requestsMax = 64
        /// The room for copies of what is read, on this machine; none for nothing.
        public var cacheSize = ByteCount.gibibytes(2)
        /// Whether clients are sent to the bucket for blobs.
        public var redirect = false
        /// Of which repositories; all where there are none.
        public var redirectRepositories: [String] = []
        /// Which clients, by their addresses; all where there are none.
        public var redirectAddresses: [AddressBlock] = []
        /// The name of the server that clients know; nil for the one that is dialled here.
        public var redirectEndpoint: ServerAddress?
        /// The CDN or proxy to which they are sent in place of the bucket; nil for none.
        public var cdn: ServerAddress?
        /// How it knows that an address was given out by us.
        public var cdnSigning = CDNSigning.cloudFront
        /// The name of the key that signs addresses.
        public var cdnKeyID: String?
        /// That key.
        public var cdnKey: Secret?
        /// How long an address holds that a client was given.
        public var redirectLifetime = Duration.seconds(1200)

        /// How the bucket stands in a URL.
        public enum Addressing: String, SettingChoice {
            /// In the host's name at Amazon, in the path everywhere else.
            case automatic
            /// In the path.
            case path
            /// In the host's name.
            case virtualHosted = "virtual-hosted"
        }

        /// What objects are encrypted with.
        public enum Encryption: String, SettingChoice {
            /// With what the bucket is set up with.
            case bucket
            /// With keys of the store's own (SSE-S3).
            case aes256
            /// With a key of the key management service (SSE-KMS).
            case kms
        }

        /// How a CDN knows that an address was given out by us.
        public enum CDNSigning: String, SettingChoice {
            /// By the signed addresses of Amazon's CloudFront.
            case cloudFront = "cloudfront"
            /// By the secret of nginx's `secure_link_md5`.
            case nginx
        }

        /// How the store is told what the bytes should be.
        public enum Checksum: String, SettingChoice {
            /// By the signature in the clear; by MD5 over TLS.
            case automatic
            /// By nothing besides the signature.
            case none
            /// By `Content-MD5`.
            case md5
            /// By `x-amz-checksum-crc32`.
            case crc32
            /// By `x-amz-checksum-sha256`.
            case sha256
        }
    }

    /// How clients reach the server.
    public struct HTTP: Sendable {
        /// Where the server waits for connections.
        public var listen = ListenAddress(host: "127.0.0.1", port: 5000)
        /// What makes it HTTPS.
        public var tls = TLS()
        /// What stands before `/v2/` in each URL.
        public var pathPrefix = PathPrefix.none
        /// The proxies whose word on the client's address is believed.
        public var trustedProxies = AddressBlock.loopback
        /// The addresses that may use the server; all where there are none.
        public var allowedAddresses: [AddressBlock] = []
        /// The most bytes that all headers of a request may have.
        public var headerSizeMax = ByteCount.kibibytes(64)
        /// The most bytes that one header of a request may have.
        public var headerFieldSizeMax = ByteCount.kibibytes(16)
        /// The longest time from the first byte of a request to the end of its headers.
        public var headerTimeout = Duration.seconds(30)
        /// The longest time a connection may wait for its next request.
        public var idleTimeout = Duration.seconds(120)
        /// The longest time a body may make no progress.
        public var stallTimeout = Duration.seconds(60)
        /// The most connections at once.
        public var connectionsMax = 10_000
        /// The bytes that a client may send ahead on HTTP/2.
        public var http2Window = ByteCount.mebibytes(4)
        /// The most requests at once on one HTTP/2 connection.
        public var http2StreamsMax = 100
        /// The memory that all bodies in transfer share.
        public var bufferBudget = ByteCount.mebibytes(48)
        /// How long running transfers may go on after SIGTERM.
        public var drainGrace = Duration.seconds(30)
        /// Threads that serve connections; 0 means as many as processors.
        public var threads = 0
    }

    /// What makes it HTTPS.
    public struct TLS: Sendable {
        /// The PEM file of the certificate chain.
        public var certificate: LocalPath?
        /// The PEM file of the private key.
        public var key: LocalPath?
    }

    /// Who may do what.
    public struct Access: Sendable {
        /// Whether everyone who reaches the server may read, write and delete.
        public var allowAnonymous = false
        /// Whether a login is needed also where only this machine reaches the server.
        public var required = false
        /// What the first administrator logs in with; without it, a random password.
        public var adminPassword: Secret?
        /// How long before its end a credential is told of.
        public var expiryWarning = Duration.seconds(14 * 86_400)
        /// After how long another key signs tokens.
        public var keyLifetime = Duration.seconds(30 * 86_400)
        /// After how many failed logins in a row the next has to wait; 0 for never.
        public var lockoutFailures = 5
        /// The longest such wait.
        public var lockoutTime = Duration.seconds(900)
    }

    /// How much a client may ask for; nil where that is not limited.
    public struct Limits: Sendable {
        /// Requests of a client.
        public var requestsPerAddress: Rate?
        /// Requests of somebody who has logged in.
        public var requestsPerUser: Rate?
        /// Requests for a repository.
        public var requestsPerRepository: Rate?
        /// Bytes to and from a client.
        public var bytesPerAddress: ByteRate?
        /// Bytes to and from somebody who has logged in.
        public var bytesPerUser: ByteRate?
        /// Bytes to and from a repository.
        public var bytesPerRepository: ByteRate?
        /// Manifests pulled from an address without a login.
        public var pullsAnonymous: Rate?
        /// Manifests pulled by somebody who has logged in.
        public var pullsAuthenticated: Rate?
        /// Who is held to none of these.
        public var exempt: [LimitedPrincipal] = []
    }

    /// What is kept of who did what.
    public struct Audit: Sendable {
        /// The share of reads of manifests that is recorded.
        public var pulls = Share(0)
        /// How long all of it is kept.
        public var keep = Duration.seconds(365 * 86_400)
    }

    /// What waits for those who hear of what has happened.
    public struct Events: Sendable {
        /// How old an event becomes that its consumer is not done with.
        public var keep = Duration.seconds(7 * 86_400)
        /// How many there may be for a consumer.
        public var waitingMax = 1_000_000
    }

    /// Work that lasts.
    public struct Jobs: Sendable {
        /// How many jobs a server runs at once.
        public var concurrency = 2
        /// How long a job is kept that has ended.
        public var keep = Duration.seconds(30 * 86_400)
    }

    /// The garbage collection.
    public struct GC: Sendable {
        /// How long a blob of a repository stays that no manifest there needs.
        public var grace = Duration.seconds(86_400)
        /// How long a blob stays that no repository has.
        public var quarantine = Duration.seconds(86_400)
        /// How often it is looked what is due.
        public var interval = Duration.seconds(3600)
        /// The part of the time that a run works; for the other it rests.
        public var share = Share(0.2)
    }

    /// Reading what is stored again.
    public struct Scrub: Sendable {
        /// Within which time all of it is read; none for never.
        public var within = Duration.seconds(30 * 86_400)
        /// The most that is read, in bytes a second.
        public var rateMax = ByteCount.mebibytes(64)
    }

    /// What was deleted and can be brought back.
    public struct Trash: Sendable {
        /// For how long; zero is not at all.
        public var keep = Duration.seconds(7 * 86_400)
    }

    /// The history of tags.
    public struct Tags: Sendable {
        /// How long a move or a deletion of a tag is kept after another one.
        public var historyKeep = Duration.seconds(365 * 86_400)
    }

    /// Uploads of blobs in progress.
    public struct Uploads: Sendable {
        /// How long an upload may stand without a new byte.
        public var abandonedAfter = Duration.seconds(7 * 86_400)
        /// How often abandoned uploads are looked for.
        public var sweepInterval = Duration.seconds(3600)
        /// After how many bytes the state of an upload is made durable.
        public var checkpointSize = ByteCount.mebibytes(16)
    }

    /// Manifests.
    public struct Manifests: Sendable {
        /// The largest manifest.
        public var sizeMax = ByteCount.mebibytes(4)
    }

    /// What is logged and how.
    public struct Log: Sendable {
        /// The least level that is logged.
        public var level = LogLevel.info
        /// How a line looks.
        public var format = LogForm.auto
        /// Whether each request is logged.
        public var access = true
    }

    /// Whether callers must log in.
    public var isAccessControlled: Bool {
        access.required || (!http.listen.isLoopback && !access.allowAnonymous)
    }

    /// The defaults.
    public init() {}
}
