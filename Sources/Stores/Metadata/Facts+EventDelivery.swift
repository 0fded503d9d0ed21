/// Events on their way to a consumer.
///
/// A claim is a lease: who lets it run out has lost it, and another gets the event. What comes late from the one before
/// changes nothing.
extension Facts {
    /// Whether there may be something to claim for a consumer.
    public func hasDueEvents(for consumer: EventConsumerID) throws -> Bool {
        try row(Statements.dueEvent, .integer(consumer.number)) != nil
    }

    /// Claims events for a consumer, none of a subject of which an earlier one is not done.
    ///
    /// Those that have to wait for an earlier one are put off, each time for as long at least as they have waited, so
    /// that however many there are, they do not stand before others, and are written a few times alone. They are made
    /// due when the one before them is done. An event that was claimed so often without a word is given up.
    ///
    /// - Parameters:
    ///   - consumer: For whom.
    ///   - limit: How many at most are looked at.
    ///   - lease: How long they are its own.
    ///   - attemptMax: How often an event is claimed at most.
    /// - Returns: What was claimed.
    /// - Throws: What the database ran into.
    public func claimEvents(
        for consumer: EventConsumerID,
        limit: Int,
        lease: Duration,
        attemptMax: Int
    ) throws -> EventClaim {
        let found = try rows(Statements.dueEvents, .integer(consumer.number), .count(limit))
        var claim = EventClaim(events: [], buriedCount: 0, postponedCount: 0, isMore: found.count == limit)
        var freed: [String] = []
        for row in found {
            var event = try row.event()
            if let due = try row.optionalTime(13) {
                let now = try row.time(12)
                let age = now.microseconds - (try row.time(14)).microseconds
                let next = max(due, now + max(lease, .microseconds(age)))
                try post(Statements.postponeEvent, .integer(event.number), .time(next))
                claim.postponedCount += 1
            } else if event.attempts >= attemptMax {
                let reason = "whoever had it ended, or took too long, \(event.attempts) times"
                try bury(event, because: reason)
                freed.append(event.subject)
                claim.buriedCount += 1
            } else {
                try post(Statements.claimEvent, .integer(event.number), .integer(lease.inMicroseconds))
                event.attempts += 1
                claim.events.append(event)
            }
        }
        for subject in freed { try wake(subject, for: consumer) }
        return claim
    }

    /// Ends events that a consumer is done with; the numbers of those that were its own still.
    public func acknowledgeEvents(_ events: [EventFact], for consumer: EventConsumerID) throws -> Set<Int64> {
        let answers = try connection.rows(
            of: events.map { Question(Statements.deleteEvent, attempt($0)) }
        )
        let done = zip(events, answers).filter { !$0.1.isEmpty }.map(\.0)
        for event in done { try wake(event.subject, for: consumer) }
        return Set(done.map(\.number))
    }

    /// Lets an event be claimed again after a while, by whomever; false when it is not the claimer's own any more.
    ///
    /// With no reason it is only kept for so much longer.
    public func deferEvent(
        _ event: EventFact,
        by duration: Duration,
        because reason: String? = nil
    ) throws -> Bool {
        let arguments: [SQLValue] = [.integer(duration.inMicroseconds), .optional(reason.map(Self.shortened))]
        return try connection.run(Statements.deferEvent, attempt(event) + arguments) > 0
    }

    /// Gives an event up, so that those after it go on; false when it is not the claimer's own any more.
    public func buryEvent(
        _ event: EventFact,
        for consumer: EventConsumerID,
        because reason: String
    ) throws -> Bool {
        guard try bury(event, because: reason) else { return false }
        try wake(event.subject, for: consumer)
        return true
    }

    /// Lets the first of each of some subjects be claimed that has waited for one before it.
    public func wakeEvents(of subjects: some Sequence<String>, for consumer: EventConsumerID) throws {
        for subject in Set(subjects).sorted() { try wake(subject, for: consumer) }
    }

    // MARK: What was given up

    /// At most `limit` events that were given up for a consumer, after a number, in order.
    public func deadEvents(
        of consumer: EventConsumerID,
        after number: Int64 = 0,
        limit: Int
    ) throws -> [DeadEventFact] {
        let found = try rows(Statements.deadEvents, .integer(consumer.number), .integer(number), .count(limit))
        return try found.map { row in
            DeadEventFact(
                event: try row.event(),
                diedAt: try row.time(12),
                reason: try row.optionalText(13) ?? ""
            )
        }
    }

    /// Lets an event that was given up be claimed again, after all that waits of its subject; false if there is none.
    ///
    /// It gets a new number.
    public func reviveDeadEvent(_ number: Int64, of consumer: EventConsumerID) throws -> Bool {
        let arguments: [SQLValue] = [.integer(number), .integer(consumer.number)]
        guard try connection.run(Statements.reviveDeadEvent, arguments) > 0 else { return false }
        try connection.post(Statements.deleteDeadEvent, arguments)
        return true
    }

    /// Removes an event that was given up; false where there is none.
    public func deleteDeadEvent(_ number: Int64, of consumer: EventConsumerID) throws -> Bool {
        try run(Statements.deleteDeadEvent, .integer(number), .integer(consumer.number)) > 0
    }

    // MARK: Parts

    /// How long a reason may be, in characters.
    private static let reasonLengthMax = 1000

    private static func shortened(_ reason: String) -> String {
        String(reason.prefix(reasonLengthMax))
    }

    /// What tells a claim of an event from those before and after it.
    private func attempt(_ event: EventFact) -> [SQLValue] {
        [.integer(event.number), .count(event.attempts)]
    }

    @discardableResult
    private func bury(_ event: EventFact, because reason: String) throws -> Bool {
        let arguments = attempt(event) + [.text(Self.shortened(reason))]
        return try connection.run(Statements.buryEvent, arguments) > 0
    }

    /// Lets the next of a subject be claimed.
    private func wake(_ subject: String, for consumer: EventConsumerID) throws {
        try post(Statements.wakeEvent, .integer(consumer.number), .text(subject))
    }
}

extension Row {
    /// An event, from the columns that each statement about events gives.
    fileprivate func event() throws -> EventFact {
        EventFact(
            number: try integer(0),
            kind: EventKind(try text(1)),
            repository: try optionalText(2) == nil ? nil : try name(2),
            subject: try text(3),
            tag: try optionalText(4) == nil ? nil : try tag(4),
            version: try optionalInteger(5),
            old: try optionalDigest(6),
            new: try optionalDigest(7),
            details: try text(8),
            actor: try text(9),
            at: try time(10),
            attempts: Int(clamping: try integer(11))
        )
    }
}
