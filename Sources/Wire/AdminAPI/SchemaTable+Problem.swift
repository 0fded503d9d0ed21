/// Problems, described.
extension SchemaTable {
    static let problem: [ObjectSchema] = [
        ObjectSchema(
            "Problem",
            "Why a request was not done.",
            [
                .required("code", .text, "What is wrong, for programs."),
                .required("message", .text, "What is wrong, as a sentence for people."),
                .optional(
                    "field",
                    .text,
                    "The field of the body or the parameter that it is about; not given where it is about "
                        + "none."
                ),
            ]
        ),
        ObjectSchema(
            "ProblemBody",
            "The body of every answer that is not a success.",
            [
                .required("error", .object("Problem"), "What is wrong."),
                .optional(
                    "request",
                    .text,
                    "The id of the request, as it stands in the log; not given where there is none."
                ),
            ]
        ),
    ]
}
