public import Metadata

/// One who hears of events: it claims some, does with each what it is there for, and says what became of it.
///
/// A claim is a lease. Of a process that has ended, or that takes longer, another gets the event when the lease has run
/// out: what is done with an event must bear to be done twice.
public struct EventConsumer: Sendable {
    /// How a consumer goes about its events.
    public struct Options: Sendable {
        /// How long a claim holds.
        public var lease: Duration
        /// How often an event is claimed at most, before it is given up.
        public var attemptMax: Int
        /// How long an event waits that failed once; each further time twice as long.
        public var pause: Duration
        /// How long it waits at most.
        public var pauseMax: Duration

        /// States how a consumer goes about its events.
        public init(
            lease: Duration = .seconds(60),
            attemptMax: Int = 20,
            pause: Duration = .seconds(5),
            pauseMax: Duration = .seconds(3600)
        ) {
            (self.lease, self.attemptMax, self.pause, self.pauseMax) = (lease, attemptMax, pause, pauseMax)
        }

        /// How long an event waits that has failed so many times.
        func pause(after attempts: Int) -> Duration {
            let doublings = min(max(attempts - 1, 0), 30)
            return min(pause * (1 << doublings), pauseMax)
        }
    }

    /// What becomes of an event that failed.
    public enum Failure: Sendable, Hashable {
        /// It is claimed again after a while.
        case again(after: Duration)
        /// It was given up.
        case dead
        /// It is another's by now, or done.
        case lost
    }

    /// It is not registered any more; one that was registered since under its name is another.
    public struct Unregistered: Error, Sendable, Hashable, CustomStringConvertible {
        /// Its name.
        public let name: String

        /// Names it.
        public init(name: String) {
            self.name = name
        }

        /// A sentence.
        public var description: String {
            "the consumer of events \(name) was ended, or registered anew by others: register it to go on"
        }
    }

    /// Who it is: its number is that of the registration, and never given twice.
    public let fact: EventConsumerFact
    /// Whether every write had ended that was under way when it was registered.
    ///
    /// Where it is false, one of those was still under way when patience ended, and may not have told it: who compares
    /// with what is there does so again later. A backup that reads for long counts as one.
    public let hearsAll: Bool
    private let facts: FactStore
    private let options: Options

    /// How many rounds of events that have to wait for others are looked at, at one go.
    private static let roundsMax = 100

    init(_ facts: FactStore, _ fact: EventConsumerFact, _ options: Options, hearsAll: Bool) {
        (self.facts, self.fact, self.options, self.hearsAll) = (facts, fact, options, hearsAll)
    }

    /// Claims at most so many events, each of another subject; none when there is nothing to do.
    ///
    /// - Parameter limit: How many at most.
    /// - Returns: The events.
    /// - Throws: ``Unregistered``, and what the database ran into.
    public func claim(limit: Int = 100) async throws -> [EventFact] {
        for _ in 0..<Self.roundsMax {
            // An idle registry writes nothing.
            let hasDue = try await facts.read { [fact] facts in
                try Self.require(fact, in: facts)
                return try facts.hasDueEvents(for: fact.id)
            }
            guard hasDue else { return [] }
            let claim = try await facts.deliver(to: fact.id) { [id = fact.id, fact, options] facts in
                try Self.require(fact, in: facts)
                return try facts.claimEvents(
                    for: id,
                    limit: limit,
                    lease: options.lease,
                    attemptMax: options.attemptMax
                )
            }
            guard claim.events.isEmpty, claim.isMore || claim.buriedCount > 0 else { return claim.events }
        }
        return []
    }

    private static func require(_ fact: EventConsumerFact, in facts: Facts) throws {
        guard try facts.isRegistered(fact.id) else { throw Unregistered(name: fact.name) }
    }

    /// Ends events that were done; the numbers of those that were its own still.
    ///
    /// One that is not among them has been claimed again, since its lease had run out.
    @discardableResult
    public func acknowledge(_ events: [EventFact]) async throws -> Set<Int64> {
        guard !events.isEmpty else { return [] }
        return try await facts.deliver(to: fact.id) { [id = fact.id] in try $0.acknowledgeEvents(events, for: id) }
    }

    /// Keeps an event for another lease from now on; false when it is another's by now.
    public func renew(_ event: EventFact) async throws -> Bool {
        try await facts.deliver(to: fact.id) { [options] in try $0.deferEvent(event, by: options.lease) }
    }

    /// Says that an event could not be done: it is tried again after a while, or given up when that was the last time.
    ///
    /// Until then those after it of its subject wait.
    ///
    /// - Parameters:
    ///   - event: The event, as it was claimed.
    ///   - reason: Why, as a sentence for whoever looks at what was given up.
    ///   - isFinal: Whether no further attempt could go better.
    /// - Returns: What becomes of it.
    /// - Throws: What the database ran into.
    @discardableResult
    public func fail(_ event: EventFact, because reason: String, isFinal: Bool = false) async throws -> Failure {
        let pause = options.pause(after: event.attempts)
        let isLast = isFinal || event.attempts >= options.attemptMax
        return try await facts.deliver(to: fact.id) { [id = fact.id] facts in
            guard !isLast else {
                return try facts.buryEvent(event, for: id, because: reason) ? .dead : .lost
            }
            return try facts.deferEvent(event, by: pause, because: reason) ? .again(after: pause) : .lost
        }
    }

    // MARK: What was given up

    /// At most `limit` events that were given up, after a number, in order.
    public func deadLetters(after number: Int64 = 0, limit: Int = 100) async throws -> [DeadEventFact] {
        try await facts.read { [id = fact.id] in try $0.deadEvents(of: id, after: number, limit: limit) }
    }

    /// Tries an event that was given up again, after all that waits of its subject; false when there is none.
    public func retry(_ number: Int64) async throws -> Bool {
        try await facts.deliver(to: fact.id) { [id = fact.id] in try $0.reviveDeadEvent(number, of: id) }
    }

    /// Forgets an event that was given up; false when there is none.
    public func forget(_ number: Int64) async throws -> Bool {
        try await facts.deliver(to: fact.id) { [id = fact.id] in try $0.deleteDeadEvent(number, of: id) }
    }
}
