/// What is damaged, and what nobody may change, described.
extension SchemaTable {
    static let care: [ObjectSchema] = [
        ObjectSchema(
            "Damage",
            "Stored content that is damaged.",
            [
                .required("kind", .text, "`blob` or `manifest`."),
                .required("digest", .text, "Its digest."),
                .required("problem", .text, "What is wrong with it, as the end of a sentence."),
                .required("foundAt", .moment, "When it was found."),
                .required("lookedAt", .moment, "When it was last looked at."),
                .required("images", .list(.object("DamagedImage")), "Some of the images that need it."),
            ]
        ),
        ObjectSchema(
            "DamagedImage",
            "An image that needs damaged content.",
            [
                .required("repository", .text, "The repository."),
                .optional(
                    "manifest",
                    .text,
                    "The digest of the manifest that needs the content, or is it; not given where no manifest of the "
                        + "repository needs it."
                ),
                .required("tags", .list(.text), "The first of the tags that lead to the manifest."),
            ]
        ),
        ObjectSchema(
            "ReadOnly",
            "What nobody may change.",
            [
                .required("scope", .text, "A project, or `*` for everything."),
                .required("reason", .text, "Why, for whoever is refused."),
                .required("setAt", .moment, "Since when."),
                .required("setBy", .text, "Who has said so, such as `user:alice`."),
            ]
        ),
        ObjectSchema(
            "ReadOnlyReason",
            "Why something is to be read-only.",
            [.required("reason", .reason, "The reason, for whoever is refused.")]
        ),
    ]
}

extension Schema {
    /// Why something is read-only: it stands in every refusal.
    fileprivate static let reason = Schema.form(
        TextForm(
            pattern: "^[^\\u0000-\\u001F\\u007F]*$",
            counts: 1...256,
            noun: "a reason of 1 to 256 characters, none of them a control character"
        )
    )
}
