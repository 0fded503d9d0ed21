extension ServerSettings {
    typealias Declaration = SettingDeclaration<ServerSettings>

    /// Every key, once: names, types, limits, defaults and documentation are all made from here.
    static let table = SettingsTable(
        defaults: ServerSettings(),
        sections: [
            ("storage", "Where and how things are stored."),
            ("postgresql", "A PostgreSQL that holds the metadata, for several servers at once. See postgresql.md."),
            ("s3", "A bucket of S3 that holds the blobs, for several servers at once. See s3.md."),
            ("http", "How clients reach the server."),
            ("access", "Who may do what."),
            ("limits", "How much a client may ask for; nothing is limited unless it is said. See limits.md."),
            ("audit", "What is kept of who did what. See audit.md."),
            ("events", "What waits for those who hear of pushes and deletions."),
            ("jobs", "Work that lasts, which the servers of an installation do in turns. See jobs.md."),
            ("gc", "The garbage collection: blobs that nothing needs go by themselves. See cleaning.md."),
            ("scrub", "Reading stored bytes again, to find damage before somebody needs them. See storage-care.md."),
            ("trash", "What was deleted, and can be brought back for a while. See trash.md."),
            ("tags", "Where tags pointed before. See tags.md."),
            ("uploads", "Uploads of blobs that are in progress."),
            ("manifests", "Manifests and indexes."),
            ("log", "What is written to the standard error stream."),
        ],
        declarations: storageKeys + careKeys + memoryKeys + postgreSQLKeys + s3Keys + httpKeys + connectionKeys
            + addressKeys + accessKeys
            + lockoutKeys
            + limitKeys + auditKeys + eventKeys + jobKeys + collectionKeys + scrubKeys + trashKeys + tagKeys
            + contentKeys + logKeys,
        contradictions: \.contradictions
    )

    private static let storageKeys = [
        Declaration(
            "storage.data",
            flag: "data",
            \.storage.data,
            "The folder that holds blobs and metadata. It is made when it is not there; one process uses it at a time."
        ),
        Declaration(
            "storage.reserve",
            \.storage.reserve,
            in: .mebibytes(0)...ByteCount.gibibytes(1 << 20),
            "New uploads are refused (507) while the file system of the data folder has less than this free."
        ),
    ]

    private static let memoryKeys = [
        Declaration(
            "storage.cache-size",
            \.storage.cacheSize,
            in: .mebibytes(0)...ByteCount.gibibytes(64),
            "The memory that holds the manifests, links and small blobs that are asked for often."
        ),
        Declaration(
            "storage.threads",
            \.storage.threads,
            in: 0...256,
            "Threads that read, write and flush files. 0 lets the server choose by the number of processors."
        ),
    ]

    private static let httpKeys = [
        Declaration(
            "http.listen",
            flag: "listen",
            \.http.listen,
            "The address and port to listen on. Port 0 lets the system choose; the line that says ready names it."
        ),
        Declaration(
            "http.tls.certificate",
            flag: "tls-certificate",
            \.http.tls.certificate,
            "The PEM file of the certificate and those that signed it. With it and `http.tls.key` the server speaks "
                + "HTTPS, with HTTP/1.1 and HTTP/2."
        ),
        Declaration("http.tls.key", flag: "tls-key", \.http.tls.key, "The PEM file of the certificate's private key."),
        Declaration(
            "http.path-prefix",
            flag: "path-prefix",
            \.http.pathPrefix,
            "What stands before `/v2/` in each URL, when a proxy hands on `https://host/registry/v2/…` as it is."
        ),
        Declaration(
            "http.trusted-proxies",
            \.http.trustedProxies,
            "The proxies whose `X-Forwarded-For` header is believed when it names the client: blocks of addresses."
        ),
        Declaration(
            "http.http2-window",
            flag: "http2-window",
            \.http.http2Window,
            in: .kibibytes(64)...ByteCount.gibibytes(1),
            "How many bytes a client may send ahead on one HTTP/2 stream. The larger, the faster an upload from far: "
                + "the window divided by the round trip is the limit."
        ),
        Declaration(
            "http.http2-streams-max",
            flag: "http2-streams-max",
            \.http.http2StreamsMax,
            in: 1...10_000,
            "The most requests at once on one HTTP/2 connection."
        ),
    ]

    private static let connectionKeys = [
        Declaration(
            "http.connections-max",
            \.http.connectionsMax,
            in: 1...1_000_000,
            "The most connections at once; what comes above is closed at once."
        ),
        Declaration(
            "http.header-size-max",
            \.http.headerSizeMax,
            in: .kibibytes(1)...ByteCount.mebibytes(1),
            "The most bytes that all headers of a request may have together (431 above it)."
        ),
        Declaration(
            "http.header-field-size-max",
            \.http.headerFieldSizeMax,
            in: .kibibytes(1)...ByteCount.mebibytes(1),
            "The most bytes that one header of a request may have (431 above it)."
        ),
        Declaration(
            "http.header-timeout",
            \.http.headerTimeout,
            in: .seconds(1)...Duration.seconds(3600),
            "The longest time from the first byte of a request to the end of its headers."
        ),
        Declaration(
            "http.idle-timeout",
            \.http.idleTimeout,
            in: .seconds(1)...Duration.seconds(86_400),
            "The longest time a connection may wait for its next request."
        ),
        Declaration(
            "http.stall-timeout",
            \.http.stallTimeout,
            in: .seconds(1)...Duration.seconds(86_400),
            "The longest time in which less than 1 KiB of a request's body comes, or nothing of an answer can be sent. "
                + "A slow transfer that moves has no limit."
        ),
        Declaration(
            "http.buffer-budget",
            \.http.bufferBudget,
            in: .mebibytes(4)...ByteCount.gibibytes(1024),
            "The memory that the bodies of all uploads share: the more there are at once, the smaller the pieces in "
                + "which each is read."
        ),
        Declaration(
            "http.drain-grace",
            \.http.drainGrace,
            in: .seconds(0)...Duration.seconds(86_400),
            "How long running transfers may go on after SIGTERM. New requests are refused meanwhile."
        ),
        Declaration(
            "http.threads",
            \.http.threads,
            in: 0...256,
            "Threads that serve connections. 0 means as many as the machine has processors."
        ),
    ]

    private static let accessKeys = [
        Declaration(
            "access.allow-anonymous",
            flag: "allow-anonymous",
            \.access.allowAnonymous,
            "Whether everyone who reaches the server may pull, push and delete, without logging in. On a loopback "
                + "address that is so in any case, unless `access.required` is given."
        ),
        Declaration(
            "access.required",
            flag: "access-required",
            \.access.required,
            "Whether callers must log in also where only this machine reaches the server. On an address that others "
                + "reach they must in any case, unless `access.allow-anonymous` is given."
        ),
        Declaration(
            "access.admin-password",
            \.access.adminPassword,
            "The password of `admin`, of at least 8 characters, for a registry that has no account yet. Without it a "
                + "random one is made and said once. Give a reference rather than the password itself: see secrets.md."
        ),
        Declaration(
            "access.expiry-warning",
            \.access.expiryWarning,
            in: .seconds(0)...Duration.seconds(365 * 86_400),
            "How long before the end of a robot's secret or a personal token its bearer is told, by a `Warning: 299` "
                + "header, and the operator, by the log, the audit and the metric `wharf_credentials_ending`."
        ),
        Declaration(
            "access.key-lifetime",
            \.access.keyLifetime,
            in: .seconds(3600)...Duration.seconds(3650 * 86_400),
            "After how long another key signs tokens. The one before verifies what it signed until that has ended."
        ),
    ]

    private static let auditKeys = [
        Declaration(
            "audit.pulls",
            \.audit.pulls,
            in: Share(0)...Share(1),
            "The share of reads of manifests that the audit records, picked at random: `0.01` is one of a hundred. "
                + "Changes, logins and refusals are recorded in any case."
        ),
        Declaration(
            "audit.keep",
            \.audit.keep,
            in: .seconds(86_400)...Duration.seconds(36_500 * 86_400),
            "How long the audit is kept."
        ),
    ]

    private static let eventKeys = [
        Declaration(
            "events.keep",
            \.events.keep,
            in: .seconds(60)...Duration.seconds(3650 * 86_400),
            "How long an event waits for a consumer that does not come. Then it is removed, which the log and the "
                + "metric `wharf_events_lost_total` say."
        ),
        Declaration(
            "events.waiting-max",
            \.events.waitingMax,
            in: 1000...100_000_000,
            "How many events may wait for each consumer. Of more the oldest are removed, as by `events.keep`."
        ),
    ]

    private static let jobKeys = [
        Declaration(
            "jobs.concurrency",
            \.jobs.concurrency,
            in: 0...64,
            "How many jobs this server runs at once. 0 leaves all of them to other servers over the same database."
        ),
        Declaration(
            "jobs.keep",
            \.jobs.keep,
            in: .seconds(3600)...Duration.seconds(3650 * 86_400),
            "How long a job that has ended can still be seen, with its log. Of more than 10000 the oldest go before."
        ),
    ]

    private static let collectionKeys = [
        Declaration(
            "gc.grace",
            \.gc.grace,
            in: .seconds(1)...Duration.seconds(3650 * 86_400),
            "A blob that no manifest of its repository needs stays there for so long after it was pushed, or after the "
                + "last manifest went that needed it. No push may take longer than this and gc.quarantine together."
        ),
        Declaration(
            "gc.quarantine",
            \.gc.quarantine,
            in: .seconds(1)...Duration.seconds(3650 * 86_400),
            "The bytes of a blob that no repository has any more stay for so long: a manifest that names it brings it "
                + "back until then."
        ),
        Declaration(
            "gc.interval",
            \.gc.interval,
            in: .seconds(1)...Duration.seconds(30 * 86_400),
            "How often what is due is removed: by a job of the kind gc.run."
        ),
        Declaration(
            "gc.share",
            \.gc.share,
            in: Share(0.01)...Share(1),
            "The part of the time that a run works; it rests for the other, so that pushes and pulls hardly notice it. "
                + "1 never rests."
        ),
    ]

    private static let trashKeys = [
        Declaration(
            "trash.keep",
            \.trash.keep,
            in: .zero...Duration.seconds(3650 * 86_400),
            "How long what is deleted stays in the trash, from where it can be brought back whole. 0 is not at all."
        )
    ]

    private static let contentKeys = [
        Declaration(
            "uploads.abandoned-after",
            \.uploads.abandonedAfter,
            in: .seconds(60)...Duration.seconds(3650 * 86_400),
            "An upload that got no byte for so long is given up, and what it holds is deleted."
        ),
        Declaration(
            "uploads.sweep-interval",
            \.uploads.sweepInterval,
            in: .seconds(1)...Duration.seconds(30 * 86_400),
            "How often abandoned uploads are looked for."
        ),
        Declaration(
            "uploads.checkpoint-size",
            \.uploads.checkpointSize,
            in: .mebibytes(1)...ByteCount.gibibytes(1),
            "After how many bytes the state of a running upload is made durable: the most that must be sent again "
                + "after a crash."
        ),
        Declaration(
            "manifests.size-max",
            \.manifests.sizeMax,
            in: .kibibytes(64)...ByteCount.mebibytes(64),
            "The largest manifest or index that is taken (413 above it)."
        ),
    ]

    private static let logKeys = [
        Declaration("log.level", flag: "log-level", \.log.level, "The least level that is logged."),
        Declaration(
            "log.format",
            flag: "log-format",
            \.log.format,
            "How a line looks: `text` for people, `json` for programs, `auto` for text on a terminal and JSON "
                + "elsewhere."
        ),
        Declaration("log.access", \.log.access, "Whether a line is logged for each request."),
    ]

    /// What is wrong with values that are each right alone.
    private var contradictions: [SettingProblem] {
        var problems: [SettingProblem] = []
        if (http.tls.certificate == nil) != (http.tls.key == nil) {
            let (given, missing) = http.tls.key == nil ? ("certificate", "key") : ("key", "certificate")
            problems.append(
                .contradiction("http.tls.\(given) is given and http.tls.\(missing) is not: give both or none")
            )
        }
        if postgresql.password != nil, postgresql.connection == nil {
            problems.append(
                .contradiction("postgresql.password is given and postgresql.connection is not: give both or none")
            )
        }
        problems += s3Contradictions
        if access.required, access.allowAnonymous {
            problems.append(
                .contradiction(
                    "access.required and access.allow-anonymous are both given: one says that everyone must "
                        + "log in, the other that nobody need to"
                )
            )
        }
        return problems
    }
}
