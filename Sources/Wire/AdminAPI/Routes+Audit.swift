import AdminModel
import Administration
import NIOHTTP1

extension Routes {
    static let audit = [
        Route(
            .GET,
            "/audit",
            "searchAudit",
            "What happened, the newest first. A page may have fewer entries than asked for and not be the last.",
            parameters: [
                .optional("principal", .text, "Who, such as `user:alice`."),
                .optional(
                    "action",
                    .text,
                    "What was done, such as `user.create`; with a `*` at its end, what begins so."
                ),
                .optional("target", .text, "To what, such as `user:bob`; with a `*` at its end, what begins so."),
                .optional("outcome", .choice(["allowed", "denied", "failed"]), "How it went."),
                .optional("since", .moment, "Not before this moment."),
                .optional("until", .moment, "Before this moment."),
            ] + paging,
            answer: .page("AuditEntry")
        ) { call in
            let question = AuditQuestion(
                principal: call.query["principal"],
                action: call.query["action"],
                target: call.query["target"],
                outcome: call.query["outcome"],
                since: try call.moment("since"),
                until: try call.moment("until")
            )
            return try .value(
                try await call.management.audit(question, after: call.after, limit: call.limit)
            )
        }
    ]
}
