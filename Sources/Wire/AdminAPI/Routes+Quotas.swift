import AdminModel
import Administration
import NIOHTTP1

extension Routes {
    static let quotas =
        [
            Route(
                .GET,
                "/quotas",
                "listQuotas",
                "How much there may be, and how much there is, of everything that has a quota.",
                parameters: paging,
                answer: .page("Quota")
            ) { call in try .value(try await call.management.quotas(after: call.after, limit: call.limit)) }
        ] + quota("/quotas/installation", "InstallationQuota", "the installation") { _ in .installation }
        + quota("/projects/{name}/quota", "ProjectQuota", "a project and all below it") { .project($0["name"]) }
        + quota("/repositories/{name}/quota", "RepositoryQuota", "a repository") {
            .repository($0["name"])
        }

    /// The routes of the quota of something.
    private static func quota(
        _ path: String,
        _ operation: String,
        _ noun: String,
        of scope: @escaping @Sendable (Call) -> QuotaPlace
    ) -> [Route] {
        [
            Route(
                .GET,
                path,
                "read\(operation)",
                "How much there may be in \(noun), and how much there is.",
                answer: .object("Quota", .ok)
            ) { call in try .value(try await call.management.quota(of: scope(call))) },
            Route(
                .PUT,
                path,
                "set\(operation)",
                "Say how much there may be in \(noun). What is there already is counted first; until then nothing is "
                    + "refused.",
                body: "QuotaChange",
                answer: .object("Quota", .ok)
            ) { call in try .value(try await call.management.setQuota(of: scope(call), try call.read())) },
            Route(
                .DELETE,
                path,
                "delete\(operation)",
                "Let there be any number of anything in \(noun), as far as its quota goes.",
                answer: .nothing
            ) { call in
                try await call.management.deleteQuota(of: scope(call))
                return .nothing
            },
        ]
    }
}
