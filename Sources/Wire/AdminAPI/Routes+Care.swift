import AdminModel
import Administration
import NIOHTTP1

extension Routes {
    static let care = [
        Route(
            .GET,
            "/damage",
            "listDamage",
            "What was found to be damaged and is not mended, by digest, with images that need it.",
            parameters: paging,
            answer: .page("Damage")
        ) { call in try .value(try await call.management.damage(after: call.after, limit: call.limit)) },
        Route(
            .GET,
            "/read-only",
            "listReadOnly",
            "What nobody may change, by scope, as far as the caller may see it.",
            parameters: paging,
            answer: .page("ReadOnly")
        ) { call in try .value(try await call.management.readOnly(after: call.after, limit: call.limit)) },
        Route(
            .PUT,
            "/read-only/{scope}",
            "setReadOnly",
            "Say that nobody may change something, and why: a project, or everything for `*`.",
            body: "ReadOnlyReason",
            answer: .object("ReadOnly", .ok)
        ) { call in try .value(try await call.management.setReadOnly(call["scope"], try call.read())) },
        Route(
            .DELETE,
            "/read-only/{scope}",
            "deleteReadOnly",
            "Let something be changed again.",
            answer: .nothing
        ) { call in
            try await call.management.deleteReadOnly(call["scope"])
            return .nothing
        },
    ]
}
