/// What holds tags where they are, described.
extension SchemaTable {
    private static let terms: [FieldSchema] = [
        .required(
            "kind",
            .choice(["immutable", "protected"]),
            "`immutable`: a tag that is there neither moves nor goes. `protected`: a tag is made, moved and deleted "
                + "only by those whom the rule names."
        ),
        .optional(
            "repositories",
            .object("NamePatterns"),
            "The repositories that are meant; all of the project without it."
        ),
        .optional("tags", .object("NamePatterns"), "The tags that are meant; all without it."),
        .optional(
            "roles",
            .list(.accountName, countMax: 64),
            "The roles whose holders may nevertheless, where it protects; without them those who manage the project."
        ),
    ]

    private static let repository = FieldSchema.required("repository", .projectName, "The repository.")
    private static let tag = FieldSchema.required("tag", .tagName, "The tag.")

    static let tagGuards: [ObjectSchema] = [
        ObjectSchema(
            "NamePatterns",
            "Names, by patterns: globs, `/…/` for regular expressions, `semver:RANGE` for versions.",
            [
                .optional("include", .namePatterns, "A name matches one of these; any does where there are none."),
                .optional("exclude", .namePatterns, "A name matches none of these."),
            ]
        ),
        ObjectSchema(
            "TagRule",
            "A rule of a project that says which tags stay where they are.",
            [
                .required("project", .text, "The project, in whose repositories it holds."),
                .required("name", .text, "The name, unique in the project."),
            ] + terms + [.required("createdAt", .moment, "When it was made.")]
        ),
        ObjectSchema("TagRuleChange", "What a rule of tags is to be.", terms),
        ObjectSchema(
            "DeclaredTagRule",
            "A rule of tags, as a file declares it.",
            [.required("name", .accountName, "The name, unique in the project.")] + terms
        ),
        ObjectSchema(
            "TagLock",
            "A lock by hand: the tag neither moves nor goes until it is taken away.",
            [
                .required("repository", .text, "The repository."),
                .required("tag", .text, "The tag."),
                .required("reason", .text, "Why."),
                .required("lockedAt", .moment, "When it was locked."),
                .required("lockedBy", .text, "Who locked it."),
            ]
        ),
        ObjectSchema(
            "NewTagLock",
            "A tag to be locked.",
            [repository, tag, .required("reason", .longReason, "Why.")]
        ),
        ObjectSchema(
            "TagGlass",
            "Broken glass: for a while neither rules nor a lock hold the tag.",
            [
                .required("repository", .text, "The repository."),
                .required("tag", .text, "The tag."),
                .required("reason", .text, "Why."),
                .required("brokenAt", .moment, "When it was broken."),
                .required("brokenBy", .text, "Who broke it."),
                .required("endsAt", .moment, "Until when nothing holds the tag."),
            ]
        ),
        ObjectSchema(
            "NewTagGlass",
            "Glass to be broken.",
            [
                repository, tag, .required("reason", .longReason, "Why."),
                .optional("seconds", .range(1...86_400), "For how many seconds; a quarter of an hour without it."),
            ]
        ),
        ObjectSchema(
            "TagExplanation",
            "What holds a tag where it is.",
            [
                .required("repository", .text, "The repository."),
                .required("tag", .text, "The tag."),
                .optional("digest", .text, "Where it points; not given where it is not there."),
                .required("rules", .list(.object("TagRule")), "The rules that are about it, by project and name."),
                .optional("lock", .object("TagLock"), "Its lock, where it has one."),
                .optional("glass", .object("TagGlass"), "The glass that is broken now."),
            ]
        ),
    ]
}
