/// The trash, described.
extension SchemaTable {
    static let trash: [ObjectSchema] = [
        ObjectSchema("TrashEntry", "Something that was deleted and can be brought back.", trashEntry),
        ObjectSchema(
            "RestoreRequest",
            "How something comes back from the trash.",
            [
                .optional("tag", .tagName, "The name that a tag gets in place of its own."),
                .optional("repository", .projectName, "The name that a repository gets in place of its own."),
                .optional("movesTags", .boolean, "Whether tags move that point elsewhere meanwhile."),
            ]
        ),
        ObjectSchema(
            "RestoredEntry",
            "What came back from the trash.",
            [
                .required("entry", .object("TrashEntry"), "What it was."),
                .required("repository", .text, "The repository that it is in, or is; of a project, its name."),
                .required("tags", .list(.text), "The tags that point again where they did."),
                .required("keptTags", .list(.text), "The tags that were left where they point meanwhile."),
                .optional("repositoryCount", .integer, "Of a project: how many of its repositories came back."),
                .optional(
                    "keptRepositories",
                    .list(.text),
                    "Of a project: those of which there is another of the name, and which stay in the trash; the first "
                        + "hundred."
                ),
                .optional(
                    "roleCount",
                    .integer,
                    "Of a project: how many roles in it somebody has again; not given where it was back before."
                ),
                .optional(
                    "lostRoles",
                    .list(.text),
                    "Of a project: the roles that nobody got back, such as `user:alice developer`; the first hundred."
                ),
            ]
        ),
        ObjectSchema(
            "DeletionQuestion",
            "What would be deleted.",
            [
                .optional(
                    "manifests",
                    .list(.digest, countMax: 1000),
                    "The digests of manifests; not given for the whole repository."
                )
            ]
        ),
        ObjectSchema(
            "DeletionEstimate",
            "What a deletion would free, once it is purged: exact at the moment of the answer.",
            [
                .required("manifestCount", .integer, "How many manifests would go."),
                .required(
                    "blobCount",
                    .integer,
                    "How many blobs nothing would need any more, in the whole installation."
                ),
                .required(
                    "byteCount",
                    .integer,
                    "How many bytes would be free: of these blobs and of the manifests, each counted once."
                ),
                .required(
                    "trashSeconds",
                    .integer,
                    "How many seconds all of it would stay in the trash; 0 where it would be gone at once."
                ),
            ]
        ),
    ]

    private static let trashEntry: [FieldSchema] = [
        .required("id", .integer, "The number of the deletion; later ones have higher ones."),
        .required("kind", .text, "`tag`, `manifest`, `repository` or `project`."),
        .required(
            "repository",
            .text,
            "The repository, or the project; of one that is deleted itself, the name that it had."
        ),
        .optional("tag", .text, "The tag, where it is one."),
        .optional("digest", .text, "The manifest, or the one that the tag pointed to."),
        .required("deletedAt", .moment, "When it was deleted."),
        .required("deletedBy", .text, "Who deleted it, such as `user:alice`."),
        .optional(
            "purgeAt",
            .moment,
            "From when on it is purged; not given where that has begun, and nothing can be brought back."
        ),
        .optional(
            "within",
            .integer,
            "The number of the deletion that this went with: of the repository that it is in, or of its project."
        ),
    ]
}
