import Jobs
import Logging
import Metadata
import Observability
import Upkeep

extension Wiring {
    /// What counts for new quotas, clears away after old ones and tells when one is nearly used up, once for all
    /// servers.
    func keepingQuotas(_ installation: Installation) -> JobKind {
        let upkeep = QuotaUpkeep(facts: installation.facts)
        let used = metrics.gauges(
            "wharf_quota_used_bytes",
            "Bytes that are used of a quota, as the server saw them that looked last.",
            labels: ["scope"]
        )
        let limits = metrics.gauges(
            "wharf_quota_limit_bytes",
            "Bytes that a quota lets be used, as the server saw them that looked last.",
            labels: ["scope"]
        )
        return JobKind(
            "quotas.keep",
            "Counts what was there before a quota, and tells when one is nearly used up.",
            timetable: .every(.seconds(60))
        ) { [log] run in
            let report = try await upkeep.run { report in
                try Task.checkCancellation()
                run.report(JobProgress(done: Int64(report.rowCount), unit: "rows"))
            }
            for quota in report.quotas {
                let scope = quota.scope == .installation ? "installation" : quota.scope.description
                used.with(scope).set(to: Int(quota.used.bytes))
                if let bytes = quota.limits.bytes { limits.with(scope).set(to: Int(bytes)) }
            }
            for quota in report.warned {
                log.warning(
                    "a quota is nearly used up",
                    metadata: [
                        "quota": .string(quota.scope.phrase),
                        "percent": .stringConvertible(quota.fullest?.percent ?? 0),
                    ]
                )
            }
            let counted = "counted \(report.rowCount) rows for \(report.countedQuotaCount) quotas"
            return "\(counted), warned of \(report.warned.count)"
        }
    }
}
