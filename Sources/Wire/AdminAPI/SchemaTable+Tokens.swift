/// Tokens and sessions, described.
extension SchemaTable {
    static let tokens: [ObjectSchema] = [
        ObjectSchema(
            "Token",
            "A secret of a person's own, in place of the password.",
            [
                .required("id", .text, "The id by which it is taken back."),
                .required("user", .text, "Whose it is."),
                .required("description", .text, "What its owner calls it."),
                .optional(
                    "policies",
                    .list(.object("Policy")),
                    "What it is limited to; not given where it may do all that its owner may."
                ),
                .required(
                    "addresses",
                    .list(.text),
                    "The blocks of addresses that it may be used from; none for everywhere."
                ),
                .required("createdAt", .moment, "When it was made."),
                .optional("expiresAt", .moment, "Until when it holds; not given for one without an end."),
                .optional("lastUsedAt", .moment, "When it was used last, to the minute."),
                .optional("lastAddress", .text, "From where it was used last."),
            ]
        ),
        ObjectSchema(
            "NewToken",
            "A personal token to be made.",
            [
                .optional("user", .accountName, "Whose it is to be; without it, the caller's."),
                .optional("description", .words, "What its owner calls it."),
                .optional(
                    "policies",
                    .policies,
                    "What it is to be limited to; without it, all that its owner may do."
                ),
                .optional("addresses", .addresses, "The blocks of addresses that it may be used from."),
                .optional("expiresAt", .moment, "Until when it is to hold; 90 days without it."),
                .optional("neverExpires", .boolean, "Whether it is to hold for ever."),
            ]
        ),
        ObjectSchema(
            "MadeToken",
            "A personal token that was made, with its secret.",
            [
                .required("token", .object("Token"), "The token."),
                .required("secret", .text, "The secret to log in with, shown this once."),
            ]
        ),
        ObjectSchema(
            "Session",
            "A client that stays logged in by a refresh token.",
            [
                .required("id", .text, "The id by which it is ended."),
                .required("user", .text, "Whose it is."),
                .required("client", .text, "The program, as it calls itself."),
                .required("createdAt", .moment, "When it began."),
                .optional("expiresAt", .moment, "Until when it holds."),
                .optional("lastUsedAt", .moment, "When it was used last, to the minute."),
                .optional("lastAddress", .text, "From where it was used last."),
            ]
        ),
    ]
}
