public import Metadata

/// Counts what was there before a quota, clears away what is left of one, and tells when one is nearly used up.
///
/// Every step is one transaction of bounded size, and any of them may be the last before a crash: what is left to do
/// stands in the facts. Two that run at once do what one does.
public struct QuotaUpkeep: Sendable {
    /// What came of a run, or of a part of it.
    public struct Report: Sendable, Hashable {
        /// Blobs, manifests and tags that were counted.
        public var rowCount = 0
        /// Quotas of which all is counted now.
        public var countedQuotaCount = 0
        /// The quotas that are used to more than is warned from, since the last run.
        public var warned: [QuotaFact] = []
        /// What is used of every quota.
        public var quotas: [QuotaFact] = []

        /// Nothing yet.
        public init() {}
    }

    /// How many rows one transaction counts at most: a few milliseconds of the embedded database.
    private static let batchCount = 200
    /// How many quotas are kept in a report, for metrics.
    private static let reportedMax = 1000

    private let facts: FactStore

    /// Keeps the quotas of one installation.
    public init(facts: FactStore) {
        self.facts = facts
    }

    /// Does all that is to be done now.
    ///
    /// - Parameter observer: Is told after each step what came of all so far; may throw to end the run there.
    /// - Returns: What came of it.
    /// - Throws: What the database ran into; what was done until then stays done.
    public func run(_ observer: (Report) async throws -> Void = { _ in }) async throws -> Report {
        var report = Report()
        while let quota = try await facts.read({ try $0.quotaToCount() }) {
            while let count = try await facts.write({ try $0.countQuota(quota, limit: Self.batchCount) }) {
                report.rowCount += count
                try await observer(report)
            }
            report.countedQuotaCount += 1
        }
        while try await facts.write({ try $0.clearQuotas(limit: Self.batchCount) }) { try await observer(report) }
        try await warn(&report)
        try await observer(report)
        return report
    }

    private func warn(_ report: inout Report) async throws {
        var last: String?
        while true {
            let after = last
            let page = try await facts.read { try $0.quotas(after: after, limit: Self.batchCount) }
            for quota in page where quota.hasCrossed {
                let scope = quota.scope
                if try await facts.write({ try $0.noteFullness(of: scope) }) { report.warned.append(quota) }
            }
            report.quotas += page.prefix(max(0, Self.reportedMax - report.quotas.count))
            guard page.count >= Self.batchCount, let end = page.last else { return }
            last = end.scope.description
        }
    }
}

extension QuotaFact {
    /// Whether what is noted of its fullness is not so any more.
    fileprivate var hasCrossed: Bool {
        guard isCounted else { return false }
        return (fullest.map { $0.percent >= warnPercent } ?? false) != (warnedAt != nil)
    }
}
