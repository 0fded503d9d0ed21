import Access
import AdminModel
import Administration
import NIOHTTP1

/// Every route of the API.
public enum Routes {
    /// All of them, in the order of the documentation.
    public static let all =
        access + users + groups + robots + tokens + projects + members + roles + declarations + audit + jobs
        + jobSchedules + collection + tagRules + tagGuards + care + repositories + trash + quotas

    static let paging: [Route.Parameter] = [
        .optional(
            "limit",
            .range(1...Int64(PageLimit.max)),
            "How many items the page has at most: 1 to 1000, 100 without it."
        ),
        .optional("after", .pageKey, "The `next` of the page before."),
    ]

    static let access = [
        Route(.GET, "/me", "readCaller", "Who calls, and what they may manage.", answer: .object("Caller", .ok)) {
            try .value(try await $0.management.caller())
        },
        Route(
            .GET,
            "/access/explain",
            "explainAccess",
            "Whether somebody may do something with a repository, and the rule that decides.",
            parameters: [
                .optional("principal", .text, "`user:NAME`, `robot:NAME` or `anonymous`; the caller without it."),
                .required("action", .choice(Action.allCases.map(\.rawValue)), "The action."),
                .required("repository", .projectName, "The name of the repository."),
            ],
            answer: .object("Explanation", .ok)
        ) { call in
            let caller = try await call.management.caller().principal
            return try .value(
                try await call.management.explain(
                    call.query["principal"] ?? caller,
                    call.query["action"] ?? "",
                    on: call.query["repository"] ?? ""
                )
            )
        },
        Route(
            .GET,
            "/keys",
            "listKeys",
            "The keys that sign tokens.",
            parameters: paging,
            answer: .page("SigningKey")
        ) { call in
            try .value(try await call.management.keys(after: call.after, limit: call.limit))
        },
        Route(
            .POST,
            "/keys",
            "rotateKey",
            "Make a new key, which signs in ten seconds; the older ones verify until what they signed has ended.",
            answer: .object("SigningKey", .created)
        ) { try .value(try await $0.management.rotateKey(), .created) },
        Route(
            .DELETE,
            "/keys/{id}",
            "deleteKey",
            "Take a key away, and with it at once every token that it signed.",
            answer: .nothing
        ) { call in
            try await call.management.deleteKey(call["id"])
            return .nothing
        },
    ]

    static let declarations = [
        Route(
            .GET,
            "/declaration",
            "readDeclaration",
            "Everything that can be declared, as it is.",
            answer: .object("Declaration", .ok)
        ) { try .value(try await $0.management.declaration()) },
        Route(
            .POST,
            "/declaration",
            "applyDeclaration",
            "Make what is declared so, all or nothing, and say what changed. What is not declared stays as it is.",
            parameters: [.optional("dryRun", .boolean, "Whether only to say what would change.")],
            body: "Declaration",
            answer: .object("DeclarationResult", .ok)
        ) { call in
            let isDryRun = try call.boolean("dryRun")
            return try .value(try await call.management.apply(try call.read(), isDryRun: isDryRun))
        },
    ]
}
