/// Users and groups, described.
extension SchemaTable {
    static let accounts: [ObjectSchema] = [
        ObjectSchema(
            "User",
            "A person who can log in, or a program that logs in as one.",
            [
                .required("name", .text, "The name, unique among all accounts."),
                .required("description", .text, "Who it is, in words."),
                .required("groups", .list(.text), "The groups that it is in, in order."),
                .required("isDisabled", .boolean, "Whether nobody can log in as it."),
                .required("hasPassword", .boolean, "Whether it has a password in this registry."),
                .required("createdAt", .moment, "When it was made."),
            ]
        ),
        ObjectSchema(
            "NewUser",
            "A user to be made.",
            [
                .required(
                    "name",
                    .accountName,
                    "The name: 1 to 128 letters, digits and `._-@`, the first a letter or digit."
                ),
                .optional(
                    "password",
                    .newPassword,
                    "The password, of 8 characters at least; without it one is made and told in the answer."
                ),
                .optional("description", .words, "Who it is, in words."),
                .optional("groups", .names(.accountName), "The groups to put it into."),
            ]
        ),
        ObjectSchema(
            "UserChange",
            "What is to be changed of a user; what is not given stays.",
            [
                .optional("description", .words, "Who it is, in words."),
                .optional("groups", .names(.accountName), "All the groups that it is to be in."),
                .optional(
                    "isDisabled",
                    .boolean,
                    "Whether nobody may log in as it: its tokens and sessions end at once."
                ),
            ]
        ),
        ObjectSchema(
            "MadeUser",
            "A user that was made, with the password that was made for it.",
            [
                .required("user", .object("User"), "The user."),
                .optional("password", .text, "The password, shown this once; not given where the caller gave one."),
            ]
        ),
        ObjectSchema(
            "PasswordChange",
            "A password to be set; every session of the user ends, and every bearer token; personal tokens stay.",
            [
                .optional(
                    "password",
                    .newPassword,
                    "The new password, of 8 characters at least; without it one is made and told."
                ),
                .optional("currentPassword", .anyPassword, "The password of now; needed to change one's own."),
            ]
        ),
        ObjectSchema(
            "GivenPassword",
            "The answer to a change of a password.",
            [
                .optional(
                    "password",
                    .text,
                    "The password that was made, shown this once; not given where the caller gave one."
                )
            ]
        ),
        ObjectSchema(
            "PasswordImport",
            "A password that was hashed elsewhere, to be given to a user.",
            [
                .required("hash", .text, "The hash, as `htpasswd -B` writes it.")
            ]
        ),
        ObjectSchema(
            "Group",
            "Accounts under one name, that roles can be given to.",
            [
                .required("name", .text, "The name, unique among the groups."),
                .required("members", .list(.text), "The accounts in it, in order."),
                .required("createdAt", .moment, "When it was made."),
            ]
        ),
        ObjectSchema(
            "GroupMembers",
            "Who is to be in a group.",
            [
                .required("members", .names(.anyAccountName), "All the accounts that are to be in it.")
            ]
        ),
    ]
}
