/// The garbage collection, described.
extension SchemaTable {
    static let collection: [ObjectSchema] = [
        ObjectSchema("CollectionStatus", "What the garbage collection has before it.", collectionStatus),
        ObjectSchema("DigestFate", "Why something is kept, or when it goes.", digestFate),
        ObjectSchema(
            "DigestHolding",
            "A repository that has a blob or manifest.",
            [
                .required("repository", .text, "Its name."),
                .required(
                    "manifests",
                    .list(.text),
                    "The first manifests there that need it; none where it waits to be looked at."
                ),
                .required(
                    "tags",
                    .list(.text),
                    "The first tags of the manifest itself, or of the first of those that need the blob."
                ),
                .optional(
                    "endsAt",
                    .moment,
                    "When the repository has it no longer, if no manifest comes to need it; not given where one does."
                ),
            ]
        ),
    ]

    private static let collectionStatus: [FieldSchema] = [
        .required(
            "linkCount",
            .integer,
            "Blobs of repositories that wait to be looked at whether a manifest needs them."
        ),
        .optional("oldestSince", .moment, "Since when the one waits that waits the longest."),
        .required("blobCount", .integer, "Blobs that no repository has, and that are kept a while longer."),
        .required("byteCount", .integer, "The size of these together, in bytes: what will be free."),
        .required("keyCount", .integer, "Files or objects that are no blob any more and are about to be removed."),
        .required("keyByteCount", .integer, "The size of these together, in bytes."),
        .required("countMax", .integer, "Beyond how many each of these is not counted."),
        .required(
            "graceSeconds",
            .integer,
            "For how long a blob of a repository stays that no manifest there needs, in seconds."
        ),
        .required("quarantineSeconds", .integer, "For how long a blob stays that no repository has, in seconds."),
        .optional("lastRun", .object("Job"), "The last run; not given where there was none that is remembered."),
    ]

    private static let digestFate: [FieldSchema] = [
        .required("digest", .text, "The digest."),
        .required("kind", .text, "`blob` or `manifest`."),
        .required(
            "state",
            .text,
            "`kept`: something needs it. `waiting`: nothing does, and it goes unless something comes to. `unnoticed`: "
                + "nothing does, and only a survey will find it."
        ),
        .optional("byteCount", .integer, "Its size in bytes; not given for a manifest."),
        .optional("storedAt", .moment, "When it came; not given for a manifest."),
        .optional(
            "goesAt",
            .moment,
            "Before when it does not go; not given where it is kept, or nobody has noticed it."
        ),
        .required("holdings", .list(.object("DigestHolding")), "The first repositories that have it."),
        .required("sentence", .text, "All of it as a sentence."),
    ]
}
