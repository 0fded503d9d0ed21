/// Declarations, described.
extension SchemaTable {
    static let declaration: [ObjectSchema] = [
        ObjectSchema(
            "Declaration",
            "Everything that can be set, as one file says it: what is listed is to be so; what is not "
                + "listed stays as it is.",
            [
                .optional(
                    "roles",
                    .list(.object("DeclaredRole"), countMax: Schema.listCountMax),
                    "Roles of one's own."
                ),
                .optional(
                    "users",
                    .list(.object("DeclaredUser"), countMax: Schema.listCountMax),
                    "Users; a new one gets no password, which is set apart."
                ),
                .optional(
                    "groups",
                    .list(.object("DeclaredGroup"), countMax: Schema.listCountMax),
                    "Groups and who is in them."
                ),
                .optional(
                    "projects",
                    .list(.object("DeclaredProject"), countMax: Schema.listCountMax),
                    "Projects with their members."
                ),
                .optional(
                    "robots",
                    .list(.object("DeclaredRobot"), countMax: Schema.listCountMax),
                    "Robots; a new one gets no secret, which is made apart."
                ),
                .optional(
                    "members",
                    .list(.object("Member"), countMax: Schema.listCountMax),
                    "Who has which roles everywhere."
                ),
            ]
        ),
        ObjectSchema(
            "DeclaredRole",
            "A role, as a file declares it.",
            [
                .required("name", .accountName, "The name."),
                .required("policies", .policies, "All that it says."),
            ]
        ),
        ObjectSchema(
            "DeclaredUser",
            "A user, as a file declares it.",
            [
                .required("name", .accountName, "The name."),
                .optional("description", .words, "Who it is, in words."),
                .optional("isDisabled", .boolean, "Whether nobody can log in as it."),
            ]
        ),
        ObjectSchema(
            "DeclaredGroup",
            "A group, as a file declares it.",
            [
                .required("name", .accountName, "The name."),
                .optional(
                    "members",
                    .names(.anyAccountName),
                    "All the accounts in it; without it they stay as they are."
                ),
            ]
        ),
        ObjectSchema(
            "DeclaredProject",
            "A project, as a file declares it.",
            [
                .required("name", .projectName, "The name."),
                .optional("isPublic", .boolean, "Whether everyone may list and pull there; no without it."),
                .optional(
                    "addresses",
                    .addresses,
                    "The blocks of addresses that it may be reached from; everywhere without it."
                ),
                .optional(
                    "members",
                    .list(.object("Member"), countMax: Schema.listCountMax),
                    "All who have roles in it; without it they stay as they are."
                ),
                .optional(
                    "tagRules",
                    .list(.object("DeclaredTagRule"), countMax: 100),
                    "Rules of tags; those that are not listed stay as they are."
                ),
                .optional(
                    "quota",
                    .object("QuotaChange"),
                    "How much there may be in it; without it that stays as it is."
                ),
            ]
        ),
        ObjectSchema(
            "DeclaredRobot",
            "A robot, as a file declares it.",
            [
                .required("name", .robotName, "The name to log in with: `PROJECT+NAME` for one of a project."),
                .optional("description", .words, "What it is for."),
                .optional("isDisabled", .boolean, "Whether it cannot log in."),
            ]
        ),
        ObjectSchema(
            "DeclarationResult",
            "What bringing in a declaration changes, or would change.",
            [
                .required("isDryRun", .boolean, "Whether nothing was changed."),
                .required(
                    "changes",
                    .list(.object("DeclarationChange")),
                    "What was or would be changed, in the order of doing; none where all is so already."
                ),
            ]
        ),
        ObjectSchema(
            "DeclarationChange",
            "One difference between what a declaration says and what is.",
            [
                .required("operation", .choice(["create", "change", "delete"]), "What is done."),
                .required(
                    "kind",
                    .text,
                    "To what kind of thing: `role`, `user`, `group`, `project`, `robot`, `member`, `tagRule`."
                ),
                .required("name", .text, "Its name."),
                .required(
                    "fields",
                    .list(.object("FieldChange")),
                    "The fields that differ: what is now, and what is to be, as text."
                ),
            ]
        ),
        ObjectSchema(
            "FieldChange",
            "A field whose value differs.",
            [
                .required("field", .text, "The name of the field."),
                .optional("from", .text, "Its value now; not given where there is none."),
                .optional("to", .text, "Its value to be; not given where there is none."),
            ]
        ),
    ]
}
