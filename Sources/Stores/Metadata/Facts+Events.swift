import OCI

/// What has happened, told in the transaction in which it did.
extension Facts {
    /// Tells of something; it is written at the end of the transaction, and only if somebody wants to hear of it.
    ///
    /// What changes the subject comes before: the row that it locks then makes later events of the subject have larger
    /// numbers.
    func tell(_ notice: EventNotice) {
        notices?.add(notice)
    }

    /// Writes what there is to tell, two at a time.
    ///
    /// It asks nothing, so that it goes out with the commit; and it reads no event, so that no push stands in the way
    /// of another.
    func postEvents() throws {
        guard let notices else { return }
        var rest = notices.all[...]
        while let first = rest.popFirst() {
            let isPair = rest.first?.occasion == first.occasion
            let second = isPair ? rest.popFirst() : nil
            try postEvents(first, second)
        }
    }

    /// Writes at once what cannot be told at the end of the transaction.
    func tellAtOnce(_ notice: EventNotice) throws {
        if notices != nil { try postEvents(notice, nil) }
    }

    private func postEvents(_ first: EventNotice, _ second: EventNotice?) throws {
        let occasion: [SQLValue] = [
            .id(first.occasion.repository), .time(first.occasion.at), .text(first.occasion.actor),
        ]
        let none = [SQLValue](repeating: .null, count: first.arguments.count)
        try connection.post(Statements.insertEvents, occasion + first.arguments + (second?.arguments ?? none))
    }

    // MARK: Consumers

    /// Who wants to hear of events, in the order of their names.
    public func eventConsumers() throws -> [EventConsumerFact] {
        try rows(Statements.eventConsumers).map { row in
            EventConsumerFact(
                id: EventConsumerID(number: try row.integer(0)),
                name: try row.text(1),
                registeredAt: try row.time(2),
                lost: try row.integer(3)
            )
        }
    }

    /// Whether a consumer is registered still.
    public func isRegistered(_ consumer: EventConsumerID) throws -> Bool {
        try row(Statements.eventConsumer, .integer(consumer.number)) != nil
    }

    /// Lets somebody hear of what happens from now on; whoever is registered already stays.
    ///
    /// Throws ``MetadataError/Code/constraint`` for a name that is empty or too long, and when there are too many.
    public func registerEventConsumer(_ name: String) throws -> EventConsumerFact {
        guard !name.isEmpty, name.utf8.count <= EventConsumerFact.nameByteCountMax, !name.utf8.contains(0) else {
            throw MetadataError(
                .constraint,
                "the name of a consumer of events has 1 to \(EventConsumerFact.nameByteCountMax) bytes"
            )
        }
        try run(Statements.insertEventConsumer, .text(name))
        let consumers = try eventConsumers()
        guard consumers.count <= EventConsumerFact.countMax else {
            throw MetadataError(
                .constraint,
                "there may be \(EventConsumerFact.countMax) consumers of events, and they are there"
            )
        }
        guard let made = consumers.first(where: { $0.name == name }) else {
            throw MetadataError(.corrupt, "the consumer of events \(name) was made and is not there")
        }
        return made
    }

    /// Ends that somebody hears of events; nil when there is none of the name.
    ///
    /// Those that wait for it stay until they are cleared away: ``deleteEvents(of:upTo:limit:)``.
    public func unregisterEventConsumer(_ name: String) throws -> EventConsumerID? {
        try row(Statements.deleteEventConsumer, .text(name)).map { EventConsumerID(number: try $0.integer(0)) }
    }

    /// How many events wait for a consumer, and how many were given up, each counted up to `countMax`.
    public func eventCounts(
        of consumer: EventConsumerID,
        upTo countMax: Int
    ) throws -> EventCounts {
        let waiting = try row(Statements.waitingEventCount, .integer(consumer.number), .count(countMax))
        let dead = try row(Statements.deadEventCount, .integer(consumer.number), .count(countMax))
        return EventCounts(
            waiting: Int(clamping: try waiting?.integer(0) ?? 0),
            dead: Int(clamping: try dead?.integer(0) ?? 0)
        )
    }

    // MARK: Clearing away

    /// The next consumer after another that has events, registered or not; nil where there is none.
    public func nextEventConsumer(after consumer: EventConsumerID?) throws -> EventConsumerID? {
        try row(Statements.nextEventConsumer, .integer(consumer?.number ?? 0)).map { row in
            EventConsumerID(number: try row.integer(0))
        }
    }

    /// The last of the events of a consumer that are too old or too many; nil where there is none registered.
    public func endOfOldEvents(
        of consumer: EventConsumerID,
        keeping age: Duration,
        countMax: Int
    ) throws -> EventPlace? {
        guard let now = try row(Statements.eventConsumers)?.time(4) else { return nil }
        let old = EventPlace(writtenAt: now - age, number: .max)
        let beyond = try row(Statements.eventBeyond, .integer(consumer.number), .count(countMax))
        return max(old, try beyond?.eventPlace() ?? old)
    }

    /// Whether there are events of a consumer up to a place.
    public func hasEvents(of consumer: EventConsumerID, upTo end: EventPlace) throws -> Bool {
        try lastEvent(of: consumer, upTo: end, ofFirst: 1) != nil
    }

    /// Removes the oldest events of a consumer up to a place, at most `limit`; the subject of each.
    ///
    /// Those behind them of their subjects wait still: ``wakeEvents(of:for:)``.
    public func deleteEvents(of consumer: EventConsumerID, upTo end: EventPlace, limit: Int) throws -> [String] {
        let last = try lastEvent(of: consumer, upTo: end, ofFirst: limit) ?? end
        let arguments = [.integer(consumer.number)] + last.arguments
        return try connection.rows(Statements.deleteEventsUpTo, arguments).map { try Row($0).text(0) }
    }

    private func lastEvent(
        of consumer: EventConsumerID,
        upTo end: EventPlace,
        ofFirst count: Int
    ) throws -> EventPlace? {
        let arguments = [.integer(consumer.number)] + end.arguments + [.count(max(count, 1) - 1)]
        return try connection.rows(Statements.lastEventOfBatch, arguments).first.map { try Row($0).eventPlace() }
    }

    /// Counts what a consumer will never get.
    public func addLostEvents(_ count: Int, of consumer: EventConsumerID) throws {
        try post(Statements.addLostEvents, .integer(consumer.number), .count(count))
    }
}

extension EventNotice {
    /// What tells it from the others of its occasion.
    fileprivate var arguments: [SQLValue] {
        [
            .text(kind.description), .text(subject.suffix), .optional(subject.tag?.description),
            version.map(SQLValue.integer) ?? .null, .optional(old?.description), .optional(new?.description),
            .text(details),
        ]
    }
}

extension EventPlace {
    fileprivate var arguments: [SQLValue] { [.time(writtenAt), .integer(number)] }
}

extension Row {
    /// Columns: written at, number.
    fileprivate func eventPlace() throws -> EventPlace {
        EventPlace(writtenAt: try time(0), number: try integer(1))
    }
}
