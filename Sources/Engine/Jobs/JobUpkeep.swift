public import Metadata

/// Forgets jobs that ended long ago.
public struct JobUpkeep: Sendable {
    /// How many are forgotten before others get a turn at the database.
    private static let batchCount = 20

    private let facts: FactStore
    private let keep: Duration
    private let countMax: Int

    /// The most ended jobs that are kept.
    public static let countMax = 10_000

    /// Forgets jobs.
    ///
    /// - Parameters:
    ///   - facts: where they are.
    ///   - keep: how long one is kept that has ended.
    ///   - countMax: how many that have ended are kept; the newest stay.
    public init(_ facts: FactStore, keep: Duration, countMax: Int = JobUpkeep.countMax) {
        (self.facts, self.keep, self.countMax) = (facts, keep, countMax)
    }

    /// Forgets all that are too old or too many; how many.
    public func run() async throws -> Int {
        var count = 0
        while true {
            try Task.checkCancellation()
            let (keep, countMax) = (keep, countMax)
            let forgotten = try await facts.write { facts in
                try facts.deleteOldJobs(keeping: keep, countMax: countMax, limit: Self.batchCount)
            }
            count += forgotten
            guard forgotten > 0 else { return count }
        }
    }

    /// This as work of a kind that is done each hour.
    public var kind: JobKind {
        JobKind(
            "jobs.clear",
            "Forgets jobs that ended long ago.",
            priority: .low,
            timetable: try? JobTimetable("17 * * * *", zone: "UTC")
        ) { _ in
            let count = try await self.run()
            return count == 1 ? "forgot 1 job" : "forgot \(count) jobs"
        }
    }
}
