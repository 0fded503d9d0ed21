extension ServerSettings {
    static let careKeys = [
        Declaration(
            "storage.warn-above",
            \.storage.warnAbove,
            in: Share(0)...Share(1),
            "The share of the file system of the data folder above which the log warns, and the metric "
                + "`wharf_storage_watermark` is 1. See storage-care.md."
        ),
        Declaration(
            "storage.refuse-above",
            \.storage.refuseAbove,
            in: Share(0)...Share(1),
            "The share of the file system of the data folder above which uploads are refused (507), and the metric "
                + "`wharf_storage_watermark` is 2; pulls and deletions go on. 1 leaves that to `storage.reserve`."
        ),
        Declaration(
            "storage.read-only",
            \.storage.readOnly,
            "A reason for which nothing can be pushed to this server or deleted there (403, with the reason). Without "
                + "it, `wharf read-only` says so, for all servers at once."
        ),
    ]

    static let scrubKeys = [
        Declaration(
            "scrub.within",
            \.scrub.within,
            in: .seconds(0)...Duration.seconds(3650 * 86_400),
            "Within which time all stored bytes are read again and compared with their digests. 0 reads none."
        ),
        Declaration(
            "scrub.rate-max",
            \.scrub.rateMax,
            in: .mebibytes(1)...ByteCount.gibibytes(64),
            "The most that is read so in a second. It is as little as keeps to `scrub.within`, but 1 MiB at least. "
                + "Where this is too little for that, the log says so."
        ),
    ]
}
