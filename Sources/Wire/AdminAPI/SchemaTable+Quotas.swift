/// Quotas, described.
extension SchemaTable {
    static let quotas: [ObjectSchema] = [
        ObjectSchema(
            "Quota",
            "How much there may be in the installation, a project or a repository, and how much there is.",
            [
                .required("scope", .text, "What it is of: `installation`, `project:team` or `repository:team/app`."),
                .optional("bytes", .integer, "How many bytes there may be; any number without it."),
                .optional("tags", .integer, "How many tags there may be; any number without it."),
                .optional("repositories", .integer, "How many repositories there may be; any number without it."),
                .required("warnPercent", .integer, "From which part of a limit on it is warned, in percent."),
                .required(
                    "trash",
                    .choice(["counted", "free"]),
                    "Whether what only the trash needs counts: `free` where it does not."
                ),
                .required(
                    "usedBytes",
                    .integer,
                    "How many bytes there are: each blob once, each manifest once in each repository."
                ),
                .required("usedTags", .integer, "How many tags there are."),
                .required("usedRepositories", .integer, "How many repositories there are."),
                .required(
                    "isCounted",
                    .boolean,
                    "Whether all that was there before the quota is counted; until then nothing is refused."
                ),
                .optional("countedUpTo", .text, "The repository up to which is counted, while not all is."),
                .optional("warnedAt", .moment, "Since when it is used to more than is warned from."),
            ]
        ),
        ObjectSchema("QuotaChange", "How much there is to be at most.", quotaChange),
    ]

    private static let quotaChange: [FieldSchema] = [
        .optional("bytes", .range(0...(1 << 60)), "How many bytes; any number without it."),
        .optional("tags", .range(0...(1 << 60)), "How many tags; any number without it."),
        .optional("repositories", .range(0...(1 << 60)), "How many repositories; any number without it."),
        .optional(
            "warnPercent",
            .range(1...100),
            "From which part of a limit on it is warned, in percent; 80 without it."
        ),
        .optional(
            "trash",
            .choice(["counted", "free"]),
            "Whether what only the trash needs counts: `counted` without it; `free`, and it does not, which the quota "
                + "of the installation cannot say. Where it changes, all is counted anew."
        ),
    ]
}
