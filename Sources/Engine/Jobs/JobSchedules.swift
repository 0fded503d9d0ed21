import Metadata

/// Puts jobs into the queue when it is their time.
///
/// Of several servers whose time it is one puts the job: it moves the schedule on in the same transaction.
struct JobSchedules: Sendable {
    /// How many schedules one transaction moves on.
    private static let batchCount = 20
    /// How long a schedule rests that this program cannot read.
    private static let unreadableRest = Duration.seconds(3600)

    let facts: FactStore
    let kinds: JobKinds

    /// Records the schedules of all kinds; those that are there keep what was made of them.
    func establish() async throws {
        let planned = kinds.all.compactMap { kind in kind.timetable.map { (kind.name, $0) } }
        try await facts.write { facts in
            let now = try facts.databaseTime()
            for (name, timetable) in planned {
                // What is done in intervals is done at once, and at fixed times at the next of them.
                var first = now
                if case .cron = timetable { first = timetable.next(after: now) ?? now }
                try facts.putSchedule(
                    JobScheduleFact(
                        name: name,
                        kind: name,
                        cron: timetable.text,
                        zone: timetable.zone,
                        nextAt: first
                    ),
                    latest: timetable.next(after: now)
                )
            }
        }
    }

    /// Puts the jobs whose time has come; how many, and what is wrong with a schedule.
    ///
    /// Times that have passed since nobody looked are made good by one job.
    func putDue() async throws -> (count: Int, problems: [String]) {
        let kinds = kinds
        return try await facts.write { facts in
            var (count, problems): (Int, [String]) = (0, [])
            let due = try facts.dueSchedules(kinds: kinds.names, limit: Self.batchCount)
            guard !due.isEmpty else { return (0, []) }
            let now = try facts.databaseTime()
            for schedule in due {
                var next = now + Self.unreadableRest
                var problem: String?
                do {
                    let timetable = try JobTimetable(schedule.cron, zone: schedule.zone)
                    next = timetable.next(after: now) ?? next
                    guard let kind = kinds[schedule.kind], try facts.advanceSchedule(schedule, to: next) else {
                        continue
                    }
                    var order = try kind.order(arguments: schedule.arguments, by: "schedule:\(schedule.name)")
                    // What has not ended yet when it is time again is not done twice.
                    order.key = order.key ?? "schedule:\(schedule.name)"
                    let put = try facts.putJob(order)
                    try facts.noteJob(put.id, of: schedule.name)
                    count += put.isNew ? 1 : 0
                } catch let error as JobTimetable.ParseError {
                    problem = error.description
                } catch let error as JobKind.ArgumentError {
                    problem = error.description
                }
                guard let problem else { continue }
                _ = try facts.advanceSchedule(schedule, to: next)
                problems.append("\(schedule.name): \(problem)")
            }
            return (count, problems)
        }
    }
}
