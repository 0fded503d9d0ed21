/// Projects and members, described.
extension SchemaTable {
    static let projects: [ObjectSchema] = [
        ObjectSchema(
            "Project",
            "A part of the names: the project's own name, as a repository, and all below it.",
            [
                .required("name", .text, "The first path component of its repositories, or more of them."),
                .required("isPublic", .boolean, "Whether everyone may list and pull there."),
                .required(
                    "addresses",
                    .list(.text),
                    "The blocks of addresses that it may be reached from; none for everywhere."
                ),
                .required("createdAt", .moment, "When it was made."),
            ]
        ),
        ObjectSchema(
            "ProjectChange",
            "What a project is to be.",
            [
                .optional("isPublic", .boolean, "Whether everyone may list and pull there; no without it."),
                .optional(
                    "addresses",
                    .addresses,
                    "The blocks of addresses that it may be reached from; everywhere without it."
                ),
            ]
        ),
        ObjectSchema(
            "NewProject",
            "A project to be made.",
            [
                .required("name", .projectName, "The first path component of its repositories, or more of them."),
                .optional("isPublic", .boolean, "Whether everyone may list and pull there; no without it."),
                .optional(
                    "addresses",
                    .addresses,
                    "The blocks of addresses that it may be reached from; everywhere without it."
                ),
            ]
        ),
        ObjectSchema(
            "Member",
            "Somebody who has roles, in a project or everywhere.",
            [
                .required(
                    "subject",
                    .subject,
                    "Who: `user:NAME`, `group:NAME`, `robot:NAME`, `authenticated` or `anyone`."
                ),
                .required("roles", .names(.accountName), "The roles that they have there, in order."),
            ]
        ),
        ObjectSchema(
            "MemberRoles",
            "The roles that somebody is to have.",
            [
                .required(
                    "roles",
                    .names(.accountName),
                    "All the roles that they are to have there; none takes them away."
                )
            ]
        ),
    ]
}
