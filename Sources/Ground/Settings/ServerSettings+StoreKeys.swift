extension ServerSettings {
    static let postgreSQLKeys = [
        Declaration(
            "postgresql.connection",
            \.postgresql.connection,
            "Where it is, as libpq writes it: `host=db.example.com dbname=wharf user=wharf sslmode=verify-full`, or a "
                + "`postgresql://` address. Without it the metadata is in the data folder. What holds a password "
                + "should be a reference: see secrets.md."
        ),
        Declaration(
            "postgresql.password",
            \.postgresql.password,
            "The password, where it is not a part of the connection. A reference rather than the password itself."
        ),
        Declaration(
            "postgresql.connections",
            \.postgresql.connections,
            in: 1...1000,
            "The most connections of this server. All servers together must stay below the database's "
                + "`max_connections`."
        ),
        Declaration(
            "postgresql.waiting-max",
            \.postgresql.waitingMax,
            in: 0...1_000_000,
            "The most requests that wait for a connection; more are refused (503 with Retry-After)."
        ),
        Declaration(
            "postgresql.wait-timeout",
            \.postgresql.waitTimeout,
            in: .milliseconds(1)...Duration.seconds(3600),
            "The longest time that a request waits for a connection before it is refused (503 with Retry-After)."
        ),
        Declaration(
            "postgresql.statement-timeout",
            \.postgresql.statementTimeout,
            in: .seconds(1)...Duration.seconds(3600),
            "The longest time that a statement may take, before the database ends it."
        ),
    ]

    static let s3Keys = [
        Declaration(
            "s3.bucket",
            \.s3.bucket,
            "The bucket that holds the blobs. Without it they are in the data folder."
        ),
        Declaration(
            "s3.endpoint",
            \.s3.endpoint,
            "The server that has the bucket. Without it, Amazon's own in the region."
        ),
        Declaration(
            "s3.region",
            \.s3.region,
            "The region of the bucket. Without it the one that AWS's own variables and files name; with an endpoint, "
                + "`us-east-1`."
        ),
        Declaration(
            "s3.prefix",
            \.s3.prefix,
            "What the names of all objects begin with, such as `registry/`: for a bucket that holds other things, too."
        ),
        Declaration(
            "s3.addressing",
            \.s3.addressing,
            "Whether the bucket stands in the host's name or in the path of a URL. `automatic`: in the host's name at "
                + "Amazon, in the path everywhere else."
        ),
        Declaration(
            "s3.access-key",
            \.s3.accessKey,
            "The name of the key that signs requests. Without it, what AWS's own tools would use: variables, web "
                + "identity, profiles, the role of the container or the machine. See s3.md."
        ),
        Declaration(
            "s3.secret-key",
            \.s3.secretKey,
            "The key itself. A reference rather than the key: see secrets.md."
        ),
        Declaration(
            "s3.authorities",
            \.s3.authorities,
            "A PEM file with the certificates of authorities that are believed besides the system's own."
        ),
        Declaration(
            "s3.encryption",
            \.s3.encryption,
            "What the store encrypts new objects with: what the bucket is set up with, keys of its own (`aes256`), or "
                + "a key of the key management service (`kms`)."
        ),
        Declaration(
            "s3.kms-key",
            \.s3.kmsKey,
            "The key of the key management service. Without it, the account's usual one."
        ),
        Declaration(
            "s3.storage-class",
            \.s3.storageClass,
            "The storage class of new objects. Without it, the bucket's own. Not one that must be thawed."
        ),
        Declaration(
            "s3.checksum",
            \.s3.checksum,
            "How the store is told what the bytes should be, so that it refuses others. `automatic`: by the signature "
                + "in the clear, by MD5 over TLS."
        ),
        Declaration(
            "s3.part-size",
            \.s3.partSize,
            in: .mebibytes(5)...ByteCount.gibibytes(1),
            "The size of the first 1000 parts of a large blob; the next 1000 have twice that, and so on. Each upload "
                + "in progress takes up to two parts of disk in the data folder."
        ),
        Declaration(
            "s3.requests-max",
            \.s3.requestsMax,
            in: 1...10_000,
            "The most requests that wait for an answer of the store at once; fewer while it says that it is too much."
        ),
        Declaration(
            "s3.cache-size",
            \.s3.cacheSize,
            in: .mebibytes(0)...ByteCount.gibibytes(1 << 20),
            "The room in the data folder for copies of blobs that were pulled. 0 for none."
        ),
        Declaration(
            "s3.redirect",
            \.s3.redirect,
            "Whether clients are sent to the bucket for blobs of more than 64 KiB, by an address that is signed and "
                + "holds for a while. They must be able to reach it."
        ),
        Declaration(
            "s3.redirect-repositories",
            \.s3.redirectRepositories,
            "The repositories whose blobs clients are sent for, as patterns: `public/**`. Without it, all."
        ),
        Declaration(
            "s3.redirect-addresses",
            \.s3.redirectAddresses,
            "The clients that are sent, by their addresses; others read through this server. Without it, all."
        ),
        Declaration(
            "s3.redirect-endpoint",
            \.s3.redirectEndpoint,
            "The name of the S3 server that clients know, where it is another than `s3.endpoint`."
        ),
        Declaration(
            "s3.cdn",
            \.s3.cdn,
            "The CDN or proxy that gives out the objects of the bucket under their names: clients are sent there in "
                + "place of the bucket."
        ),
        Declaration(
            "s3.cdn-signing",
            \.s3.cdnSigning,
            "How it knows that an address was given out by this server: signed URLs of Amazon CloudFront, or the "
                + "secure links of nginx. See s3.md."
        ),
        Declaration(
            "s3.cdn-key-id",
            \.s3.cdnKeyID,
            "The id that CloudFront has for the public key. nginx needs none."
        ),
        Declaration(
            "s3.cdn-key",
            \.s3.cdnKey,
            "The private key in PEM (RSA with 2048 bits or ECDSA on P-256) for CloudFront; for nginx, the shared "
                + "secret. A reference rather than the key: see secrets.md."
        ),
        Declaration(
            "s3.redirect-lifetime",
            \.s3.redirectLifetime,
            in: .seconds(60)...Duration.seconds(7 * 86_400),
            "How long an address holds that a client was given: long enough to begin a transfer, which may then go on."
        ),
    ]

    /// What says something of a bucket that is not named, or half of what belongs together.
    var s3Contradictions: [SettingProblem] {
        var problems: [SettingProblem] = []
        let given: [(String, Bool)] = [
            ("s3.endpoint", s3.endpoint != nil), ("s3.region", s3.region != nil), ("s3.prefix", !s3.prefix.isEmpty),
            ("s3.access-key", s3.accessKey != nil), ("s3.secret-key", s3.secretKey != nil),
        ]
        if s3.bucket == nil {
            for (key, _) in given.filter(\.1) {
                problems.append(
                    .contradiction("\(key) is given and s3.bucket is not: name the bucket, or leave it out")
                )
            }
        } else if (s3.accessKey == nil) != (s3.secretKey == nil) {
            let (known, missing) = s3.secretKey == nil ? ("access", "secret") : ("secret", "access")
            problems.append(
                .contradiction("s3.\(known)-key is given and s3.\(missing)-key is not: give both or none")
            )
        }
        if s3.kmsKey != nil, s3.encryption != .kms {
            problems.append(.contradiction("s3.kms-key is given and s3.encryption is not kms: say so, or leave it out"))
        }
        return problems + cdnContradictions
    }

    /// What says half of a CDN.
    private var cdnContradictions: [SettingProblem] {
        guard s3.cdn != nil else {
            let given = [("s3.cdn-key", s3.cdnKey != nil), ("s3.cdn-key-id", s3.cdnKeyID != nil)]
            return given.filter(\.1).map { key, _ in
                .contradiction("\(key) is given and s3.cdn is not: name the CDN, or leave it out")
            }
        }
        var problems: [SettingProblem] = []
        if !s3.redirect {
            problems.append(
                .contradiction("s3.cdn is given and s3.redirect is not on: nobody would be sent there. Switch it on")
            )
        }
        if s3.cdnKey == nil {
            problems.append(.contradiction("s3.cdn is given and s3.cdn-key is not: addresses have to be signed"))
        }
        if s3.cdnSigning == .cloudFront, s3.cdnKeyID == nil {
            problems.append(
                .contradiction("s3.cdn is a CloudFront and s3.cdn-key-id is not given: name the key that signs")
            )
        }
        if s3.redirectEndpoint != nil {
            problems.append(.contradiction("s3.cdn and s3.redirect-endpoint are both given: clients go to one of them"))
        }
        return problems
    }
}
