/// Who calls, and why, described.
extension SchemaTable {
    static let access: [ObjectSchema] = [
        ObjectSchema(
            "Caller",
            "Who calls.",
            [
                .required("principal", .text, "Who, such as `user:alice`."),
                .required("groups", .list(.text), "The groups that they are in, in order."),
                .required("managesInstallation", .boolean, "Whether they may manage accounts, roles and projects."),
                .required(
                    "managedProjects",
                    .list(.text),
                    "The projects whose members and robots they may manage, in order."
                ),
                .optional(
                    "credentialExpiresAt",
                    .moment,
                    "Until when the credential in use holds; not given for one without an end."
                ),
            ]
        ),
        ObjectSchema(
            "Explanation",
            "Whether somebody may do something, and why.",
            [
                .required("principal", .text, "Who, such as `user:alice`."),
                .required("action", .text, "What."),
                .required("repository", .text, "On which repository."),
                .required("isAllowed", .boolean, "Whether they may."),
                .required("reason", .text, "A sentence that names the rule that decided."),
                .optional("role", .text, "The role that decided; not given where none did."),
                .optional("subject", .text, "Who has that role: the caller, or a group of theirs."),
                .optional(
                    "project",
                    .text,
                    "The project that the role is held in, or that decided by being public or closed."
                ),
                .optional("policy", .object("Policy"), "The policy of the role that decided."),
            ]
        ),
        ObjectSchema(
            "SigningKey",
            "A key that signs tokens.",
            [
                .required("id", .text, "The id, as tokens and the key set name it."),
                .required("createdAt", .moment, "When it was made."),
                .required("isSigning", .boolean, "Whether it signs now; the others only verify what they signed."),
            ]
        ),
    ]
}
