/// When work begins by itself.
extension Facts {
    /// Every schedule, by name.
    public func jobSchedules() throws -> [JobScheduleFact] {
        try rows(Statements.jobSchedules).map { try $0.jobSchedule() }
    }

    /// A schedule; nil when there is none of the name.
    public func jobSchedule(_ name: String) throws -> JobScheduleFact? {
        try row(Statements.jobSchedule, .text(name)).map { try $0.jobSchedule() }
    }

    /// Records a schedule; one of that name that is there gets what is new of it, and rests if it did.
    ///
    /// Its next time stays where its fields and its zone are as they were, but is not later than `latest`: where it
    /// was made while a clock was ahead.
    public func putSchedule(_ schedule: JobScheduleFact, latest: Timestamp? = nil) throws {
        try run(
            Statements.putJobSchedule,
            .text(schedule.name),
            .text(schedule.kind),
            .text(schedule.arguments),
            .text(schedule.cron),
            .text(schedule.zone),
            .integer(schedule.isPaused ? 1 : 0),
            .time(schedule.nextAt),
            latest.map(SQLValue.time) ?? .integer(.max)
        )
    }

    /// Lets a schedule rest or go on; false when there is none of the name.
    ///
    /// What it has missed while it rested is made good once.
    public func setSchedule(_ name: String, isPaused: Bool) throws -> Bool {
        try run(Statements.pauseJobSchedule, .text(name), .integer(isPaused ? 1 : 0)) > 0
    }

    /// Forgets a schedule; false when there is none of the name.
    public func deleteSchedule(_ name: String) throws -> Bool {
        try run(Statements.deleteJobSchedule, .text(name)) > 0
    }

    /// At most `limit` schedules of some kinds whose time has come, the longest due first.
    public func dueSchedules(kinds: [String], limit: Int) throws -> [JobScheduleFact] {
        try rows(Statements.dueJobSchedules, .list(kinds), .count(limit)).map { try $0.jobSchedule() }
    }

    /// Moves a schedule on to its next time; false when somebody else has.
    public func advanceSchedule(_ schedule: JobScheduleFact, to next: Timestamp) throws -> Bool {
        try run(Statements.advanceJobSchedule, .text(schedule.name), .time(schedule.nextAt), .time(next)) > 0
    }

    /// Records which job a schedule has put.
    public func noteJob(_ id: Int64, of schedule: String) throws {
        try run(Statements.noteJobOfSchedule, .text(schedule), .integer(id))
    }

    /// The moment by the clock of the database.
    public func databaseTime() throws -> Timestamp {
        guard let row = try row(Statements.databaseTime) else {
            throw MetadataError(.corrupt, "the database does not say what time it is")
        }
        return try row.time(0)
    }
}

extension Row {
    fileprivate func jobSchedule() throws -> JobScheduleFact {
        JobScheduleFact(
            name: try text(0),
            kind: try text(1),
            arguments: try text(2),
            cron: try text(3),
            zone: try text(4),
            isPaused: try integer(5) != 0,
            nextAt: try time(6),
            lastJob: try optionalInteger(7)
        )
    }
}
