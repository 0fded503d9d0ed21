/// Roles, described.
extension SchemaTable {
    static let roles: [ObjectSchema] = [
        ObjectSchema(
            "Policy",
            "What a role says of some repositories.",
            [
                .optional("effect", .choice(["allow", "deny"]), "Whether it gives or takes; it gives without it."),
                .required(
                    "repo",
                    .repositoryPattern,
                    "A pattern of repositories: `team/*` is one level, `team/**` all below, a lone `*` "
                        + "everything."
                ),
                .required(
                    "actions",
                    .actions,
                    "The actions: list, pull, push, tag, overwrite, delete, scan, sign, manage; or `*` for "
                        + "all."
                ),
            ]
        ),
        ObjectSchema(
            "Role",
            "A name for what somebody may do.",
            [
                .required("name", .text, "The name, as members have it."),
                .required("isBuiltIn", .boolean, "Whether it is there from the start, and cannot be changed."),
                .required("policies", .list(.object("Policy")), "What it says; a denial beats what allows."),
            ]
        ),
        ObjectSchema(
            "RolePolicies",
            "What a role is to say.",
            [
                .required("policies", .policies, "All of it.")
            ]
        ),
    ]
}
