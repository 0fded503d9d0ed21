import AdminModel
import Administration
import NIOHTTP1

extension Routes {
    static let tagRules = [
        Route(
            .GET,
            "/projects/{name}/tag-rules",
            "listTagRules",
            "The rules that say which tags of a project stay where they are, by name.",
            parameters: paging,
            answer: .page("TagRule")
        ) { call in
            try .value(try await call.management.tagRules(of: call["name"], after: call.after, limit: call.limit))
        },
        Route(
            .GET,
            "/projects/{name}/tag-rules/{rule}",
            "readTagRule",
            "A rule of tags.",
            answer: .object("TagRule", .ok),
            isVersioned: true
        ) { call in try .versioned(try await call.management.tagRule(call["rule"], of: call["name"])) },
        Route(
            .PUT,
            "/projects/{name}/tag-rules/{rule}",
            "setTagRule",
            "Say what a rule of tags is, and make it where there is none. It holds for each push that begins after the "
                + "answer, at every server.",
            body: "TagRuleChange",
            answer: .object("TagRule", .ok),
            isVersioned: true
        ) { call in
            try .versioned(try await call.management.setTagRule(call["rule"], of: call["name"], try call.read()))
        },
        Route(
            .DELETE,
            "/projects/{name}/tag-rules/{rule}",
            "deleteTagRule",
            "Delete a rule of tags.",
            answer: .nothing,
            isVersioned: true
        ) { call in
            try await call.management.deleteTagRule(call["rule"], of: call["name"])
            return .nothing
        },
    ]

    private static let repository = Route.Parameter.required(
        "repository",
        .projectName,
        "The name of the repository."
    )
    private static let tag = Route.Parameter.required("tag", .tagName, "The tag.")

    static let tagGuards = [
        Route(
            .GET,
            "/tag-locks",
            "listTagLocks",
            "The tags of a repository that are locked by hand, by name.",
            parameters: [repository] + paging,
            answer: .page("TagLock")
        ) { call in
            let repository = call.query["repository"] ?? ""
            return try .value(
                try await call.management.tagLocks(in: repository, after: call.after, limit: call.limit)
            )
        },
        Route(
            .POST,
            "/tag-locks",
            "lockTag",
            "Lock a tag: whatever roles somebody has, it neither moves nor goes. The reason of a lock that is there "
                + "already is replaced.",
            body: "NewTagLock",
            answer: .object("TagLock", .created)
        ) { call in try .value(try await call.management.lock(try call.read(NewTagLock.self)), .created) },
        Route(
            .DELETE,
            "/tag-locks",
            "unlockTag",
            "Take the lock of a tag away.",
            parameters: [repository, tag],
            answer: .nothing
        ) { call in
            try await call.management.unlock(call.query["tag"] ?? "", in: call.query["repository"] ?? "")
            return .nothing
        },
        Route(
            .GET,
            "/tag-glass",
            "listTagGlass",
            "The tags of a repository whose glass is broken now, by name.",
            parameters: [repository] + paging,
            answer: .page("TagGlass")
        ) { call in
            let repository = call.query["repository"] ?? ""
            return try .value(
                try await call.management.tagGlass(in: repository, after: call.after, limit: call.limit)
            )
        },
        Route(
            .POST,
            "/tag-glass",
            "breakTagGlass",
            "Break the glass of a tag: for a while neither rules nor a lock hold it, and the audit tells of each move.",
            body: "NewTagGlass",
            answer: .object("TagGlass", .created)
        ) { call in try .value(try await call.management.breakGlass(try call.read(NewTagGlass.self)), .created) },
        Route(
            .DELETE,
            "/tag-glass",
            "closeTagGlass",
            "Close the glass of a tag before its time.",
            parameters: [repository, tag],
            answer: .nothing
        ) { call in
            try await call.management.closeGlass(call.query["tag"] ?? "", in: call.query["repository"] ?? "")
            return .nothing
        },
        Route(
            .GET,
            "/tag-guards/explain",
            "explainTag",
            "What holds a tag where it is: rules, a lock, and the glass that is broken now.",
            parameters: [repository, tag],
            answer: .object("TagExplanation", .ok)
        ) { call in
            let (repository, tag) = (call.query["repository"] ?? "", call.query["tag"] ?? "")
            return try .value(try await call.management.explainTag(tag, in: repository))
        },
    ]
}
