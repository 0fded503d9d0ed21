/// The audit, described.
extension SchemaTable {
    static let auditEntry: [ObjectSchema] = [
        ObjectSchema(
            "AuditEntry",
            "Something that somebody did, or was refused.",
            [
                .required("id", .integer, "The number of the entry; later ones have mostly higher ones."),
                .required("at", .moment, "When."),
                .required("principal", .text, "Who, such as `user:alice`."),
                .required("address", .text, "From which address; empty where it came from the machine itself."),
                .required("request", .text, "The id of the request, as it stands in logs and error bodies."),
                .required("action", .text, "What was done, noun first, such as `user.create`."),
                .required("target", .text, "To what."),
                .required("outcome", .text, "`allowed`, `denied` or `failed`."),
                .required("reason", .text, "Why: the rule that decided, or what went wrong."),
                .required("details", .map, "What changed."),
                .required("times", .integer, "How often the same happened within a short time."),
                .optional("seal", .integer, "The number of the seal that it is chained by; not given until it is."),
            ]
        )
    ]
}
