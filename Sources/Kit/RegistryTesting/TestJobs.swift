public import Jobs
public import Metadata

/// Jobs that are there to be managed: nobody runs them.
public enum TestJobs {
    /// The name of a kind that takes no arguments.
    public static let plain = "tests.plain"

    /// The name of a kind that takes the argument `to`.
    public static let asking = "tests.asking"

    /// The kinds that can be run.
    public static let kinds = JobKinds([
        JobKind(plain, "Does nothing.") { _ in "nothing was to be done" },
        JobKind(asking, "Does nothing to something.", argumentNames: ["to"]) { _ in "nothing was to be done" },
    ])

    /// Puts the job 1, which waits, and the schedule `nightly`.
    public static func furnish(_ facts: FactStore) async throws {
        try await facts.write { facts in
            _ = try facts.putJob(JobOrder(kind: plain, createdBy: "schedule:nightly"))
            try facts.putSchedule(
                JobScheduleFact(
                    name: "nightly",
                    kind: plain,
                    cron: "30 3 * * *",
                    zone: "UTC",
                    nextAt: try facts.databaseTime() + .seconds(3600)
                )
            )
        }
    }
}
